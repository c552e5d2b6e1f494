package main

import (
	"fmt"
	"time"

	"github.com/Unleash/unleash-server-api-go/client"
)

// Groups are called by newer versions of the client only; their shapes are those of its document.
func (s *suite) group() {
	id, number := s.makeAccount("tf-member")
	if id == "" {
		return
	}
	member := map[string]any{"user": map[string]any{"id": number}}
	wish := map[string]any{
		"name": "tf-group", "description": "A team", "mappingsSSO": []string{"b", "a"}, "rootRole": 2,
		"users": []any{member},
	}
	group := s.makeGroup(wish)
	change := map[string]any{"name": "tf-group-2", "description": nil, "mappingsSSO": []string{}, "rootRole": nil, "users": []any{}}
	status, err := raw("PUT", group, s.token, change, nil)
	s.check("change group", err == nil && status == 200, fmt.Sprint(status, err))
	s.readGroup(group, change)
	status, _ = raw("DELETE", group, s.token, nil, nil)
	s.check("delete group", status == 200, fmt.Sprint(status))
	status, _ = raw("GET", group, s.token, nil, nil)
	s.check("group is gone", status == 404, fmt.Sprint(status))
	s.deleteAccount(id, number)
}

// Makes a group and tells its address.
func (s *suite) makeGroup(wish map[string]any) string {
	var made struct{ Id int }
	status, err := raw("POST", s.url+"/api/admin/groups", s.token, wish, &made)
	s.check("make group", err == nil && status == 201, fmt.Sprint(status, err))
	address := fmt.Sprintf("%s/api/admin/groups/%d", s.url, made.Id)
	s.readGroup(address, wish)
	return address
}

func (s *suite) readGroup(address string, wish map[string]any) {
	var read any
	status, err := raw("GET", address, s.token, nil, &read)
	s.check("read group", err == nil && status == 200, fmt.Sprint(status, err))
	s.same("group", wish, read)
}

func (s *suite) projectAccess() {
	first, one := s.makeAccount("tf-access-1")
	second, two := s.makeAccount("tf-access-2")
	if first == "" || second == "" || !s.makeProject("tf-access", []string{"production"}) {
		return
	}
	group := s.makeGroup(map[string]any{"name": "tf-access-group"})
	var number int32
	fmt.Sscanf(group[len(s.url):], "/api/admin/groups/%d", &number)
	role := func(id int32, users, groups []int32) client.ProjectAccessConfigurationSchemaRolesInner {
		return client.ProjectAccessConfigurationSchemaRolesInner{Id: &id, Users: users, Groups: groups}
	}
	for _, wish := range [][]client.ProjectAccessConfigurationSchemaRolesInner{
		{role(4, []int32{int32(one)}, nil), role(5, []int32{int32(one), int32(two)}, []int32{number})},
		{role(5, []int32{int32(two)}, []int32{number})},
		{},
	} {
		configuration := *client.NewProjectAccessConfigurationSchema(wish)
		answer, err := s.api.ProjectsAPI.SetProjectAccess(background, "tf-access").
			ProjectAccessConfigurationSchema(configuration).Execute()
		s.answered("set access", 200, answer, err)
		read, answer, err := s.api.ProjectsAPI.GetProjectAccess(background, "tf-access").Execute()
		if s.answered("read access", 200, answer, err) {
			s.same("access", told(wish), roles(read))
		}
	}
	s.deleteProject("tf-access")
	raw("DELETE", group, s.token, nil, nil)
	s.deleteAccount(first, one)
	s.deleteAccount(second, two)
}

// Who has which role, role by role, as the provider compares it.
func roles(read *client.ProjectAccessSchema) map[string]any {
	found := map[string]any{}
	add := func(kind string, id int32, roles []int32) {
		for _, role := range roles {
			key := fmt.Sprint(kind, role)
			list, _ := found[key].([]int32)
			found[key] = append(list, id)
		}
	}
	for _, user := range read.Users {
		add("user", user.Id, user.Roles)
	}
	for _, group := range read.Groups {
		add("group", group.Id, group.Roles)
	}
	found["count"] = len(found)
	return found
}

func told(wish []client.ProjectAccessConfigurationSchemaRolesInner) map[string]any {
	found := map[string]any{}
	for _, role := range wish {
		if len(role.Users) > 0 {
			found[fmt.Sprint("user", *role.Id)] = role.Users
		}
		if len(role.Groups) > 0 {
			found[fmt.Sprint("group", *role.Id)] = role.Groups
		}
	}
	found["count"] = len(found)
	return found
}

func (s *suite) apiToken() {
	wish := *client.NewCreateApiTokenSchemaOneOf2("client", "tf-api-token")
	wish.Environment, wish.Projects = pointer("production"), []string{"default"}
	wish.ExpiresAt = pointer(time.Date(2098, 1, 2, 3, 4, 5, 0, time.UTC))
	body := client.CreateApiTokenSchemaOneOf2AsCreateApiTokenSchema(&wish)
	made, answer, err := s.api.APITokensAPI.CreateApiToken(background).CreateApiTokenSchema(body).Execute()
	if !s.answered("make API token", 201, answer, err) {
		return
	}
	expected := map[string]any{"tokenName": "tf-api-token", "type": "client", "environment": "production", "projects": []string{"default"}}
	s.same("made API token", expected, made)
	poll := func() int {
		status, _ := raw("GET", s.url+"/api/client/features", made.Secret, nil, nil)
		return status
	}
	s.check("API token works", poll() == 200, fmt.Sprint(poll()))
	read := func() *client.ApiTokenSchema {
		all, answer, err := s.api.APITokensAPI.GetApiTokensByName(background, "tf-api-token").Execute()
		if !s.answered("read API token", 200, answer, err) || len(all.Tokens) != 1 {
			return &client.ApiTokenSchema{}
		}
		return &all.Tokens[0]
	}
	s.same("API token", expected, read())
	// Secrets are not stored, so lists show a handle.
	s.check("secret of API token", read().Secret != made.Secret && read().Secret != "", "shown in a list")
	later := time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC)
	answer, err = s.api.APITokensAPI.UpdateApiToken(background, made.Secret).
		UpdateApiTokenSchema(*client.NewUpdateApiTokenSchema(later)).Execute()
	s.answered("change API token", 200, answer, err)
	end := read().ExpiresAt.Get()
	s.check("changed API token is read back", end != nil && end.Equal(later), fmt.Sprint(end))
	all, answer, err := s.api.APITokensAPI.GetAllApiTokens(background).Execute()
	s.answered("list API tokens", 200, answer, err)
	s.check("list of API tokens", err == nil && len(all.Tokens) > 1, fmt.Sprint(all))
	answer, err = s.api.APITokensAPI.DeleteApiToken(background, made.Secret).Execute()
	s.answered("delete API token", 200, answer, err)
	s.check("deleted API token", poll() == 401, fmt.Sprint(poll()))
}

func (s *suite) contextField() {
	wish := *client.NewCreateContextFieldSchema("tf-field")
	wish.Description, wish.Stickiness, wish.SortOrder = pointer("A field"), pointer(true), pointer(int32(9))
	value := *client.NewLegalValueSchema("b")
	value.SetDescription("The second")
	wish.LegalValues = []client.LegalValueSchema{value, *client.NewLegalValueSchema("a")}
	_, answer, err := s.api.ContextAPI.CreateContextField(background).CreateContextFieldSchema(wish).Execute()
	if !s.answered("make context field", 201, answer, err) {
		return
	}
	read := func() *client.ContextFieldSchema {
		read, answer, err := s.api.ContextAPI.GetContextField(background, "tf-field").Execute()
		s.answered("read context field", 200, answer, err)
		return read
	}
	s.same("context field", wish, read())
	change := *client.NewUpdateContextFieldSchema()
	change.Description, change.Stickiness, change.SortOrder = pointer("Changed"), pointer(false), pointer(int32(3))
	change.LegalValues = []client.LegalValueSchema{*client.NewLegalValueSchema("c")}
	answer, err = s.api.ContextAPI.UpdateContextField(background, "tf-field").UpdateContextFieldSchema(change).Execute()
	s.answered("change context field", 200, answer, err)
	s.same("changed context field", change, read())
	all, answer, err := s.api.ContextAPI.GetContextFields(background).Execute()
	s.answered("list context fields", 200, answer, err)
	s.check("list of context fields", err == nil && len(all) > 1, fmt.Sprint(len(all)))
	answer, err = s.api.ContextAPI.DeleteContextField(background, "tf-field").Execute()
	s.answered("delete context field", 200, answer, err)
	_, answer, _ = s.api.ContextAPI.GetContextField(background, "tf-field").Execute()
	s.gone("context field", answer)
}

// Makes, reads, changes, reads and deletes something the client has no calls for.
func (s *suite) raw(what, list, own string, wish, change map[string]any, made, deleted int) {
	status, err := raw("POST", s.url+list, s.token, wish, nil)
	if !s.check("make "+what, err == nil && status == made, fmt.Sprint(status, err)) {
		return
	}
	for _, expected := range []map[string]any{wish, change} {
		if expected["changed"] == true {
			delete(expected, "changed")
			status, err = raw("PUT", s.url+own, s.token, expected, nil)
			s.check("change "+what, err == nil && status < 300, fmt.Sprint(status, err))
		}
		var read any
		status, err = raw("GET", s.url+own, s.token, nil, &read)
		s.check("read "+what, err == nil && status == 200, fmt.Sprint(status, err))
		s.same(what, expected, read)
	}
	status, _ = raw("DELETE", s.url+own, s.token, nil, nil)
	s.check("delete "+what, status == deleted, fmt.Sprint(status))
	status, _ = raw("GET", s.url+own, s.token, nil, nil)
	s.check(what+" is gone", status == 404, fmt.Sprint(status))
}

func (s *suite) segment() {
	constraint := map[string]any{"contextName": "userId", "operator": "IN", "values": []string{"1", "2"}}
	s.raw("segment", "/api/admin/segments", "/api/admin/segments/1",
		map[string]any{"name": "tf-segment", "description": "A segment", "constraints": []any{constraint}},
		map[string]any{"name": "tf-segment-2", "description": "Changed", "constraints": []any{}, "changed": true},
		201, 204)
}

func (s *suite) feature() {
	list := "/api/admin/projects/default/features"
	s.raw("feature", list, list+"/tf-feature",
		map[string]any{"name": "tf-feature", "type": "release", "description": "A flag", "impressionData": true},
		map[string]any{"name": "tf-feature", "type": "experiment", "description": "Changed", "impressionData": false, "stale": true, "changed": true},
		201, 202)
}

func (s *suite) oidc() {
	s.check("OIDC at first", s.readOidc().GetEnabled() == false, "enabled")
	wish := *client.NewOidcSettingsSchemaOneOf(true, "tf-client", "tf-secret")
	wish.DiscoverUrl, wish.AutoCreate = pointer("https://id.example/.well-known/openid-configuration"), pointer(true)
	wish.EnableSingleSignOut, wish.DefaultRootRole = pointer(false), pointer("Editor")
	wish.DefaultRootRoleId, wish.EmailDomains = pointer(float32(2)), pointer("example.com")
	wish.AcrValues, wish.IdTokenSigningAlgorithm = pointer("a b"), pointer("RS384")
	wish.EnableGroupSyncing, wish.GroupJsonPath, wish.AddGroupsScope = pointer(true), pointer("groups"), pointer(true)
	s.writeOidc(wish)
	wish.ClientId, wish.AutoCreate, wish.AddGroupsScope = "tf-client-2", pointer(false), nil
	s.writeOidc(wish)
	// What the provider sends to take it away.
	off := *client.NewOidcSettingsSchemaOneOf(false, " ", " ")
	s.writeOidc(off)
}

func (s *suite) readOidc() *client.OidcSettingsResponseSchema {
	read, answer, err := s.api.AuthAPI.GetOidcSettings(background).Execute()
	s.answered("read OIDC", 200, answer, err)
	return read
}

func (s *suite) writeOidc(wish client.OidcSettingsSchemaOneOf) {
	body := client.OidcSettingsSchema{OidcSettingsSchemaOneOf: &wish}
	_, answer, err := s.api.AuthAPI.SetOidcSettings(background).OidcSettingsSchema(body).Execute()
	s.answered("write OIDC", 200, answer, err)
	written := plain(wish).(map[string]any)
	delete(written, "secret")
	read := s.readOidc()
	s.same("OIDC", written, read)
	s.check("secret of OIDC", read.GetSecret() == "", "shown")
}

func (s *suite) saml() {
	wish := *client.NewSamlSettingsSchemaOneOf("tf-entity", "https://id.example/sign-on", "tf-certificate")
	wish.Enabled, wish.SignOutUrl = pointer(true), pointer("https://id.example/sign-out")
	wish.SpCertificate, wish.AutoCreate = pointer("tf-own-certificate"), pointer(true)
	wish.EmailDomains, wish.DefaultRootRole = pointer("example.com"), pointer("Viewer")
	wish.DefaultRootRoleId, wish.EnableGroupSyncing = pointer(float32(3)), pointer(true)
	wish.GroupJsonPath = pointer("groups")
	s.writeSaml(wish)
	wish.EntityId, wish.AutoCreate, wish.SignOutUrl = "tf-entity-2", pointer(false), nil
	s.writeSaml(wish)
	wish.Enabled = pointer(false)
	s.writeSaml(wish)
}

func (s *suite) writeSaml(wish client.SamlSettingsSchemaOneOf) {
	body := client.SamlSettingsSchema{SamlSettingsSchemaOneOf: &wish}
	_, answer, err := s.api.AuthAPI.SetSamlSettings(background).SamlSettingsSchema(body).Execute()
	s.answered("write SAML", 200, answer, err)
	read, answer, err := s.api.AuthAPI.GetSamlSettings(background).Execute()
	s.answered("read SAML", 200, answer, err)
	written := plain(wish).(map[string]any)
	delete(written, "spCertificate")
	s.same("SAML", written, read)
	s.check("certificate of our own of SAML", read.GetSpCertificate() == "", "shown")
}

func (s *suite) simple() {
	for _, disabled := range []bool{true, false} {
		wish := *client.NewPasswordAuthSchema()
		wish.SetDisabled(disabled)
		_, answer, err := s.api.AuthAPI.SetSimpleSettings(background).PasswordAuthSchema(wish).Execute()
		s.answered("write passwords", 200, answer, err)
		read, answer, err := s.api.AuthAPI.GetSimpleSettings(background).Execute()
		s.answered("read passwords", 200, answer, err)
		s.same("passwords", wish, read)
		login := map[string]any{"username": "nobody", "password": "wrong"}
		status, _ := raw("POST", s.url+"/auth/simple/login", "", login, nil)
		expected := map[bool]int{true: 403, false: 401}[disabled]
		s.check("sign in", status == expected, fmt.Sprint(status))
	}
}

func (s *suite) permission() {
	all, answer, err := s.api.AuthAPI.GetPermissions(background).Execute()
	if !s.answered("list permissions", 200, answer, err) {
		return
	}
	s.check("root permissions", len(all.Permissions.Root) > 20, fmt.Sprint(len(all.Permissions.Root)))
	s.check("project permissions", len(all.Permissions.Project) > 10, fmt.Sprint(len(all.Permissions.Project)))
	s.check("environments with permissions", len(all.Permissions.Environments) == 2, fmt.Sprint(len(all.Permissions.Environments)))
	for _, environment := range all.Permissions.Environments {
		for _, permission := range environment.Permissions {
			s.same("permission of environment", map[string]any{"environment": environment.Name, "type": "environment"}, permission)
		}
	}
}
