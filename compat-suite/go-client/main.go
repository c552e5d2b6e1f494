// Everything the Terraform provider for Unleash manages, managed through the Go client it is built on: make, read,
// change, read, delete. What is read must be what was written, or a plan after an apply would not be empty.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/Unleash/unleash-server-api-go/client"
)

type suite struct {
	report
	api        *client.APIClient
	url, token string
}

var background = context.Background()

func pointer[T any](value T) *T { return &value }

func main() {
	s := &suite{url: os.Getenv("UNLEASH_URL"), token: os.Getenv("AUTH_TOKEN")}
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: s.url}}
	configuration.AddDefaultHeader("Authorization", s.token)
	s.api = client.NewAPIClient(configuration)
	for _, part := range []struct {
		name string
		run  func(*suite)
	}{
		{"environment", (*suite).environment},
		{"project", (*suite).project},
		{"project_environment", (*suite).projectEnvironment},
		{"role", (*suite).role},
		{"user", (*suite).user},
		{"service_account", (*suite).serviceAccount},
		{"service_account_token", (*suite).serviceAccountToken},
		{"group", (*suite).group},
		{"project_access", (*suite).projectAccess},
		{"api_token", (*suite).apiToken},
		{"context_field", (*suite).contextField},
		{"segment", (*suite).segment},
		{"feature", (*suite).feature},
		{"oidc", (*suite).oidc},
		{"saml", (*suite).saml},
		{"simple", (*suite).simple},
		{"permission", (*suite).permission},
	} {
		before := s.passed
		part.run(s)
		fmt.Printf("%s: %d\n", part.name, s.passed-before)
	}
	fmt.Printf("%d passed, %d failed\n", s.passed, s.failed)
	if s.failed > 0 || s.passed < 150 {
		os.Exit(1)
	}
}

func (s *suite) environment() {
	wish := *client.NewCreateEnvironmentSchema("tf-env", "staging")
	made, answer, err := s.api.EnvironmentsAPI.CreateEnvironment(background).CreateEnvironmentSchema(wish).Execute()
	if !s.answered("make environment", 201, answer, err) {
		return
	}
	s.same("made environment", wish, made)
	read := func() *client.EnvironmentSchema {
		read, answer, err := s.api.EnvironmentsAPI.GetEnvironment(background, "tf-env").Execute()
		s.answered("read environment", 200, answer, err)
		return read
	}
	s.same("environment", wish, read())
	change := *client.NewUpdateEnvironmentSchema()
	change.SetType("production")
	change.SetSortOrder(77)
	_, answer, err = s.api.EnvironmentsAPI.UpdateEnvironment(background, "tf-env").UpdateEnvironmentSchema(change).Execute()
	s.answered("change environment", 200, answer, err)
	s.same("changed environment", change, read())
	all, answer, err := s.api.EnvironmentsAPI.GetAllEnvironments(background).Execute()
	s.answered("list environments", 200, answer, err)
	s.check("list of environments", err == nil && len(all.Environments) == 3, fmt.Sprint(all))
	answer, err = s.api.EnvironmentsAPI.RemoveEnvironment(background, "tf-env").Execute()
	s.answered("delete environment", 200, answer, err)
	_, answer, _ = s.api.EnvironmentsAPI.GetEnvironment(background, "tf-env").Execute()
	s.gone("environment", answer)
}

// The project of this identifier as the list shows it.
func (s *suite) listed(id string) *client.ProjectSchema {
	all, answer, err := s.api.ProjectsAPI.GetProjects(background).Execute()
	if !s.answered("list projects", 200, answer, err) {
		return nil
	}
	for i := range all.Projects {
		if all.Projects[i].Id == id {
			return &all.Projects[i]
		}
	}
	return nil
}

func (s *suite) makeProject(id string, environments []string) bool {
	wish := *client.NewCreateProjectSchema("Project " + id)
	wish.SetId(id)
	wish.SetDescription("made by a tool")
	wish.Environments = environments
	made, answer, err := s.api.ProjectsAPI.CreateProject(background).CreateProjectSchema(wish).Execute()
	if !s.answered("make project", 201, answer, err) {
		return false
	}
	if len(environments) > 0 {
		s.same("made project", wish, made)
	}
	return true
}

func (s *suite) deleteProject(id string) {
	answer, err := s.api.ProjectsAPI.DeleteProject(background, id).Execute()
	s.answered("delete project", 200, answer, err)
	s.check("project is gone", s.listed(id) == nil, "still listed")
}

func (s *suite) project() {
	if !s.makeProject("tf-project", []string{"production"}) {
		return
	}
	s.same("project", map[string]any{"id": "tf-project", "name": "Project tf-project", "description": "made by a tool"}, s.listed("tf-project"))
	for _, mode := range []string{"protected", "private", "open"} {
		settings := *client.NewUpdateProjectEnterpriseSettingsSchema()
		settings.SetMode(mode)
		answer, err := s.api.ProjectsAPI.UpdateProjectEnterpriseSettings(background, "tf-project").
			UpdateProjectEnterpriseSettingsSchema(settings).Execute()
		s.answered("set mode of project", 200, answer, err)
		s.same("mode of project", map[string]any{"mode": mode}, s.listed("tf-project"))
	}
	change := *client.NewUpdateProjectSchema("Renamed")
	change.SetDescription("changed by a tool")
	answer, err := s.api.ProjectsAPI.UpdateProject(background, "tf-project").UpdateProjectSchema(change).Execute()
	s.answered("change project", 200, answer, err)
	s.same("changed project", map[string]any{"name": "Renamed", "description": "changed by a tool"}, s.listed("tf-project"))
	_, answer, _ = s.api.ProjectsAPI.CreateProject(background).CreateProjectSchema(*func() *client.CreateProjectSchema {
		again := client.NewCreateProjectSchema("Again")
		again.SetId("tf-project")
		return again
	}()).Execute()
	s.check("taken name of a project", answer != nil && answer.StatusCode == 409, fmt.Sprint(answer))
	s.deleteProject("tf-project")
	// The provider always sends a list of environments, an empty one.
	if s.makeProject("tf-empty", []string{}) {
		s.deleteProject("tf-empty")
	}
}

func (s *suite) projectEnvironment() {
	if !s.makeProject("tf-envs", []string{"production"}) {
		return
	}
	uses := func() (found bool) {
		all, answer, err := s.api.EnvironmentsAPI.GetProjectEnvironments(background, "tf-envs").Execute()
		s.answered("list environments of project", 200, answer, err)
		for _, environment := range all.GetEnvironments() {
			found = found || environment.Name == "development" && environment.GetVisible()
		}
		return found
	}
	wish := *client.NewProjectEnvironmentSchema("development")
	answer, err := s.api.ProjectsAPI.AddEnvironmentToProject(background, "tf-envs").ProjectEnvironmentSchema(wish).Execute()
	s.answered("add environment to project", 200, answer, err)
	s.check("environment of project", uses(), "not used")
	answer, _ = s.api.ProjectsAPI.AddEnvironmentToProject(background, "tf-envs").ProjectEnvironmentSchema(wish).Execute()
	s.check("environment of project, again", answer != nil && answer.StatusCode == 409, fmt.Sprint(answer))
	for _, approvals := range []int32{3, 10, 1} {
		config := *client.NewUpdateChangeRequestEnvironmentConfigSchema(true)
		config.SetRequiredApprovals(approvals)
		s.changeRequests(config, map[string]any{"changeRequestEnabled": true, "requiredApprovals": approvals})
	}
	off := *client.NewUpdateChangeRequestEnvironmentConfigSchema(false)
	s.changeRequests(off, map[string]any{"changeRequestEnabled": false, "requiredApprovals": nil})
	answer, err = s.api.ProjectsAPI.RemoveEnvironmentFromProject(background, "tf-envs", "development").Execute()
	s.answered("remove environment from project", 200, answer, err)
	s.check("environment of project is gone", !uses(), "still used")
	s.deleteProject("tf-envs")
}

func (s *suite) changeRequests(wish client.UpdateChangeRequestEnvironmentConfigSchema, expected map[string]any) {
	answer, err := s.api.ChangeRequestsAPI.UpdateProjectChangeRequestConfig(background, "tf-envs", "development").
		UpdateChangeRequestEnvironmentConfigSchema(wish).Execute()
	s.answered("set change requests", 204, answer, err)
	all, answer, err := s.api.ChangeRequestsAPI.GetProjectChangeRequestConfig(background, "tf-envs").Execute()
	s.answered("read change requests", 200, answer, err)
	for _, config := range all {
		if config.Environment == "development" {
			s.same("change requests", expected, config)
			return
		}
	}
	s.check("change requests", false, "not listed")
}

// A wish for a role with these permissions: names, and the only environment, if there is one.
func roleWish(name, kind string, permissions [][2]string) client.CreateRoleWithPermissionsSchema {
	wish := client.NewCreateRoleWithPermissionsSchemaAnyOf(name)
	wish.SetType(kind)
	wish.SetDescription("Made by a tool")
	for _, permission := range permissions {
		granted := client.CreateRoleWithPermissionsSchemaAnyOfPermissionsInner{Name: permission[0]}
		if permission[1] != "" {
			granted.Environment = *client.NewNullableString(&permission[1])
		}
		wish.Permissions = append(wish.Permissions, granted)
	}
	return client.CreateRoleWithPermissionsSchema{CreateRoleWithPermissionsSchemaAnyOf: wish}
}

func (s *suite) role() {
	for kind, permissions := range map[string][2][][2]string{
		"root-custom": {{{"CREATE_SEGMENT", ""}, {"READ_ROLE", ""}}, {{"CREATE_SEGMENT", ""}}},
		"custom": {
			{{"CREATE_FEATURE", ""}, {"UPDATE_FEATURE_ENVIRONMENT", "production"}, {"UPDATE_FEATURE_ENVIRONMENT", "development"}},
			{{"UPDATE_FEATURE_ENVIRONMENT", "production"}},
		},
	} {
		wish := roleWish("tf-"+kind, kind, permissions[0])
		made, answer, err := s.api.UsersAPI.CreateRole(background).CreateRoleWithPermissionsSchema(wish).Execute()
		if !s.answered("make role", 200, answer, err) {
			continue
		}
		s.same("made role", map[string]any{"name": "tf-" + kind, "type": kind, "description": "Made by a tool"}, made.Roles)
		id := fmt.Sprint(made.Roles.Id)
		s.readRole(id, wish)
		change := roleWish("tf-"+kind+"-2", kind, permissions[1])
		_, answer, err = s.api.UsersAPI.UpdateRole(background, id).CreateRoleWithPermissionsSchema(change).Execute()
		s.answered("change role", 200, answer, err)
		s.readRole(id, change)
		all, answer, err := s.api.UsersAPI.GetRoles(background).Execute()
		s.answered("list roles", 200, answer, err)
		s.check("list of roles", err == nil && len(all.Roles) == 6, fmt.Sprint(all))
		answer, err = s.api.UsersAPI.DeleteRole(background, id).Execute()
		s.answered("delete role", 200, answer, err)
		_, answer, _ = s.api.UsersAPI.GetRoleById(background, id).Execute()
		s.gone("role", answer)
	}
}

func (s *suite) readRole(id string, wish client.CreateRoleWithPermissionsSchema) {
	read, answer, err := s.api.UsersAPI.GetRoleById(background, id).Execute()
	s.answered("read role", 200, answer, err)
	s.same("role", wish.CreateRoleWithPermissionsSchemaAnyOf, read)
}

func rootRole(id int32) client.CreateUserSchemaRootRole {
	return client.Int32AsCreateUserSchemaRootRole(&id)
}

func (s *suite) user() {
	wish := *client.NewCreateUserSchema(rootRole(3))
	wish.Username, wish.Email, wish.Name = pointer("tf-user"), pointer("tf-user@example.com"), pointer("A user")
	wish.Password, wish.SendEmail = pointer("Correct.Horse-99"), pointer(false)
	made, answer, err := s.api.UsersAPI.CreateUser(background).CreateUserSchema(wish).Execute()
	if !s.answered("make user", 201, answer, err) {
		return
	}
	wish.Password, wish.SendEmail = nil, nil
	read := func() *client.UserSchema {
		read, answer, err := s.api.UsersAPI.GetUser(background, made.Id).Execute()
		s.answered("read user", 200, answer, err)
		return read
	}
	s.same("user", wish, read())
	change := *client.NewUpdateUserSchema()
	change.Email, change.Name, change.RootRole = pointer("tf-other@example.com"), pointer("Another"), pointer(rootRole(2))
	_, answer, err = s.api.UsersAPI.UpdateUser(background, made.Id).UpdateUserSchema(change).Execute()
	s.answered("change user", 200, answer, err)
	s.same("changed user", change, read())
	answer, err = s.api.UsersAPI.DeleteUser(background, made.Id).Execute()
	s.answered("delete user", 200, answer, err)
	_, answer, _ = s.api.UsersAPI.GetUser(background, made.Id).Execute()
	s.gone("user", answer)
}

func (s *suite) makeAccount(name string) (string, float32) {
	wish := *client.NewCreateServiceAccountSchema(name, "A program", 3)
	made, answer, err := s.api.ServiceAccountsAPI.CreateServiceAccount(background).CreateServiceAccountSchema(wish).Execute()
	if !s.answered("make service account", 201, answer, err) {
		return "", 0
	}
	s.same("made service account", wish, made)
	return fmt.Sprint(made.Id), made.Id
}

func (s *suite) account(id float32) *client.ServiceAccountSchema {
	all, answer, err := s.api.ServiceAccountsAPI.GetServiceAccounts(background).Execute()
	s.answered("list service accounts", 200, answer, err)
	for i := range all.GetServiceAccounts() {
		if all.ServiceAccounts[i].Id == id {
			return &all.ServiceAccounts[i]
		}
	}
	return nil
}

func (s *suite) deleteAccount(id string, number float32) {
	answer, err := s.api.ServiceAccountsAPI.DeleteServiceAccount(background, id).Execute()
	s.answered("delete service account", 200, answer, err)
	s.check("service account is gone", s.account(number) == nil, "still listed")
}

func (s *suite) serviceAccount() {
	id, number := s.makeAccount("tf-account")
	if id == "" {
		return
	}
	s.same("service account", map[string]any{"username": "tf-account", "name": "A program", "rootRole": 3}, s.account(number))
	change := *client.NewUpdateServiceAccountSchema()
	change.Name, change.RootRole = pointer("Another program"), pointer(int32(2))
	_, answer, err := s.api.ServiceAccountsAPI.UpdateServiceAccount(background, id).UpdateServiceAccountSchema(change).Execute()
	s.answered("change service account", 200, answer, err)
	s.same("changed service account", change, s.account(number))
	s.deleteAccount(id, number)
}

func (s *suite) serviceAccountToken() {
	id, number := s.makeAccount("tf-token-holder")
	if id == "" {
		return
	}
	wish := *client.NewCreatePatSchema("tf-token", time.Date(2098, 1, 2, 3, 4, 5, 0, time.UTC))
	made, answer, err := s.api.ServiceAccountsAPI.CreateServiceAccountToken(background, id).CreatePatSchema(wish).Execute()
	if s.answered("make token of service account", 201, answer, err) {
		s.same("made token of service account", map[string]any{"description": "tf-token"}, made)
		status, err := raw("GET", s.url+"/api/admin/projects", made.GetSecret(), nil, nil)
		s.check("token of service account works", err == nil && status == 200, fmt.Sprint(status, err))
		all, answer, err := s.api.ServiceAccountsAPI.GetServiceAccountTokens(background, id).Execute()
		s.answered("list tokens of service account", 200, answer, err)
		if s.check("list of tokens of service account", err == nil && len(all.Pats) == 1, fmt.Sprint(all)) {
			read := all.Pats[0]
			good := read.Description == wish.Description && read.ExpiresAt.Equal(wish.ExpiresAt) && read.Id == made.Id
			s.check("token of service account is read back", good, fmt.Sprint(read))
		}
		answer, err = s.api.ServiceAccountsAPI.DeleteServiceAccountToken(background, id, fmt.Sprint(made.Id)).Execute()
		s.answered("delete token of service account", 200, answer, err)
		status, _ = raw("GET", s.url+"/api/admin/projects", made.GetSecret(), nil, nil)
		s.check("deleted token of service account", status == 401, fmt.Sprint(status))
	}
	s.deleteAccount(id, number)
}
