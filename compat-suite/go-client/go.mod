module compat-go-client

go 1.23

require github.com/Unleash/unleash-server-api-go v0.5.4

require gopkg.in/validator.v2 v2.0.1 // indirect
