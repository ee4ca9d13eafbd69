using System.IdentityModel.Tokens.Jwt;
using System.Web;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>The calls of Clerk's browser code, one by one; the browser tests make them with the code itself.</summary>
public sealed class ClerkFrontendApiTests : IAsyncLifetime
{
    private const string App = "http://localhost:3000";
    private const string Email = "ada@example.org";
    private const string Password = "correct horse";

    private static readonly ClerkStandIn Instance = new();

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private ClerkServer _clerk = null!;
    private string _browser = string.Empty;

    public async ValueTask InitializeAsync()
    {
        _clerk = await ClerkServer.StartAsync(new ClerkServerOptions { Instance = Instance });
        _http.BaseAddress = _clerk.Address;
        _http.DefaultRequestHeaders.Add("Origin", App);
        _browser = (string)(await PostAsync("/v1/dev_browser")).Json["id"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _clerk.DisposeAsync();
    }

    [Fact]
    public async Task SignUpWithAPassword_IsCompleteAtOnceAndBringsItsMetadata()
    {
        var answer = await SignUpAsync();

        var session = (string)answer.Json["response"]!["created_session_id"]!;
        Assert.Equal("complete", (string?)answer.Json["response"]!["status"]);
        Assert.Equal(session, (string?)answer.Json["client"]!["sessions"]![0]!["id"]);
        Assert.Null(answer.Json["client"]!["sessions"]![0]!["user"]!["private_metadata"]);
        var created = Assert.Single(_clerk.Webhooks.Messages);
        Assert.Equal("AbCdEfGh12345678", (string?)created.Data["unsafe_metadata"]!["dub_id"]);

        var token = Read(await PostAsync($"/v1/client/sessions/{session}/tokens"));
        Assert.Equal((App, created.UserId, session), (token.Payload["azp"], token.Subject, token.Payload["sid"]));
    }

    [Fact]
    public async Task SignUpWithACode_IsCompleteWhenTheCodeIsRight()
    {
        _clerk.EmailCodes = true;
        var begun = (await SignUpAsync()).Json["response"]!;
        Assert.Equal(("missing_requirements", "email_address"), ((string?)begun["status"], (string?)begun["unverified_fields"]![0]));
        Assert.Equal(0, _clerk.Users.Count);

        var path = $"/v1/client/sign_ups/{begun["id"]}/attempt_verification";
        var wrong = await PostAsync(path, ("strategy", "email_code"), ("code", "000000"));
        Assert.Equal((422, "form_code_incorrect", "code"), (wrong.Status, wrong.Code, (string?)wrong.Json["errors"]![0]!["meta"]!["param_name"]));
        var right = await PostAsync(path, ("strategy", "email_code"), ("code", "424242"));
        Assert.Equal("complete", (string?)right.Json["response"]!["status"]);
        Assert.Equal(1, _clerk.Users.Count);
    }

    [Theory]
    [InlineData("taken@example.org", Password, "form_identifier_exists")]
    [InlineData(Email, "short", "form_password_length_too_short")]
    public async Task SignUpThatCannotBe_SaysWhichFieldIsWrong(string email, string password, string code)
    {
        _clerk.Users.Create(email: "taken@example.org");

        var answer = await PostAsync("/v1/client/sign_ups", ("email_address", email), ("password", password));

        Assert.Equal((422, code), (answer.Status, answer.Code));
        Assert.Equal(1, _clerk.Users.Count);
    }

    [Theory]
    [InlineData(Email, Password, 200, null)]
    [InlineData(Email, "wrong password", 422, "form_password_incorrect")]
    [InlineData("nobody@example.org", Password, 422, "form_identifier_not_found")]
    public async Task SignIn_TakesTheRightPasswordOnly(string email, string password, int status, string? code)
    {
        _clerk.Users.Create(email: Email, password: Password);

        var answer = await PostAsync("/v1/client/sign_ins", ("identifier", email), ("password", password), ("strategy", "password"));

        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal(status == 200 ? 1 : 0, (await GetAsync("/v1/client")).Json["response"]!["sessions"]!.AsArray().Count);
    }

    [Fact]
    public async Task SignOut_EndsTheSession()
    {
        var session = (string)(await SignUpAsync()).Json["response"]!["created_session_id"]!;

        await PostAsync("/v1/client/sessions?_method=DELETE");

        Assert.Empty((await GetAsync("/v1/client")).Json["response"]!["sessions"]!.AsArray());
        Assert.Equal(404, (await PostAsync($"/v1/client/sessions/{session}/tokens")).Status);
        Assert.Equal(401, (await GetAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task Handshake_LeavesCookiesUnderANonceThatIsGoodOnce()
    {
        await SignUpAsync();
        using var response = await _http.GetAsync($"/v1/client/handshake?redirect_url={Uri.EscapeDataString(App + "/welcome?a=b")}&__clerk_db_jwt={_browser}", TestContext.Current.CancellationToken);
        var back = response.Headers.Location!;
        Assert.Equal((307, "/welcome", "b"), ((int)response.StatusCode, back.AbsolutePath, HttpUtility.ParseQueryString(back.Query)["a"]));

        using var server = new ClerkCaller(_clerk);
        var nonce = HttpUtility.ParseQueryString(back.Query)["__clerk_handshake_nonce"];
        var cookies = (await server.GetAsync($"/v1/clients/handshake_payload?nonce={nonce}")).Json["directives"]!.AsArray().Select(cookie => (string)cookie!).ToList();

        Assert.Contains(cookies, cookie => cookie.StartsWith($"__clerk_db_jwt={_browser};", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith("__session=eyJ", StringComparison.Ordinal));
        Assert.Equal(404, (await server.GetAsync($"/v1/clients/handshake_payload?nonce={nonce}")).Status);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("/welcome")]
    [InlineData("")]
    public async Task HandshakeToAnotherMachine_IsRefused(string address) =>
        Assert.Equal(422, (await GetAsync("/v1/client/handshake?redirect_url=" + Uri.EscapeDataString(address))).Status);

    [Fact]
    public async Task PagesOfOtherMachines_MayNotRead()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/client");
        request.Headers.Add("Origin", "https://evil.example");
        using var stranger = new HttpClient { BaseAddress = _clerk.Address };
        using var response = await stranger.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task BrowserWithoutAToken_IsToldToGetOne()
    {
        using var response = await _http.PostAsync("/v1/client/sign_ups", content: null, TestContext.Current.CancellationToken);

        Assert.Equal(401, (int)response.StatusCode);
    }

    private Task<ClerkAnswer> SignUpAsync() => PostAsync(
        "/v1/client/sign_ups", ("email_address", Email), ("password", Password), ("first_name", ""), ("unsafe_metadata", """{"dub_id":"AbCdEfGh12345678"}"""));

    private async Task<ClerkAnswer> GetAsync(string path) => await AnswerAsync(await _http.GetAsync(WithBrowser(path), TestContext.Current.CancellationToken));

    private async Task<ClerkAnswer> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await AnswerAsync(await _http.PostAsync(WithBrowser(path), form, TestContext.Current.CancellationToken));
    }

    private string WithBrowser(string path) => $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}__clerk_db_jwt={_browser}";

    private static async Task<ClerkAnswer> AnswerAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return new ClerkAnswer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, null, text);
        }
    }

    private static JwtSecurityToken Read(ClerkAnswer answer) => new((string)answer.Json["jwt"]!);
}
