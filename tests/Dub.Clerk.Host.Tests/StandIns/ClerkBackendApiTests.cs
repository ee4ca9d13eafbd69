using System.Text.Json.Nodes;
using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Host.StandIns.Clerk;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

public sealed class ClerkBackendApiTests : IAsyncLifetime
{
    private static readonly ClerkStandIn Instance = new();
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private ClerkServer _clerk = null!;
    private ClerkCaller _caller = null!;

    public async ValueTask InitializeAsync()
    {
        _clerk = await ClerkServer.StartAsync(new ClerkServerOptions { Instance = Instance, Time = _time, InstanceLimit = 100 });
        _caller = new ClerkCaller(_clerk);
    }

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _clerk.DisposeAsync();
    }

    [Fact]
    public async Task User_IsAnsweredWithEveryField()
    {
        var created = _clerk.Users.Create("user_1", unsafeMetadata: new JsonObject { ["dub_id"] = "AbCdEfGh12345678" });

        var answer = await _caller.GetAsync("/v1/users/user_1");

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.True(JsonNode.DeepEquals(created, answer.Json));
        Assert.Equal(Start.ToUnixTimeMilliseconds(), (long)answer.Json["created_at"]!);
    }

    [Theory]
    [InlineData("GET", "/v1/users/user_0", null)]
    [InlineData("DELETE", "/v1/users/user_0", null)]
    [InlineData("PATCH", "/v1/users/user_0", "{}")]
    [InlineData("PATCH", "/v1/users/user_0/metadata", "{}")]
    [InlineData("PUT", "/v1/users/user_0/metadata", "{}")]
    [InlineData("GET", "/v1/nothing", null)]
    public async Task UserOrPageThatIsNotThere_IsNotFound(string method, string path, string? body)
    {
        var answer = await _caller.CallAsync(new HttpMethod(method), path, body);

        Assert.Equal((404, "resource_not_found"), (answer.Status, answer.Code));
        Assert.NotEmpty((string)answer.Json["clerk_trace_id"]!);
        Assert.NotEmpty((string)answer.Json["errors"]![0]!["long_message"]!);
    }

    [Theory]
    [InlineData("/v1/users/user_1")]
    [InlineData("/v1/users")]
    [InlineData("/v1/jwks")]
    public async Task OtherSecretKey_IsRefused(string path)
    {
        _clerk.Users.Create("user_1");
        using var stranger = new ClerkCaller(_clerk, "sk_test_other");

        var answer = await stranger.GetAsync(path);

        Assert.Equal((401, "clerk_key_invalid"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task MethodThatIsNotAllowed_IsRefusedInTheEnvelope()
    {
        var answer = await _caller.CallAsync(HttpMethod.Post, "/v1/users/user_1", "{}");

        Assert.Equal((405, "method_not_allowed"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Keys_AreTheInstances() => Assert.Equal(_clerk.Instance.Jwks(), (await _caller.GetAsync("/v1/jwks")).Text);

    [Theory]
    [InlineData("""{"public_metadata":{"dubClickId":"x"}}""", """{"plan":{"tier":"pro","seats":2},"roles":["admin"],"dubClickId":"x"}""")]
    [InlineData("""{"public_metadata":{"plan":{"tier":null,"since":2026}}}""", """{"plan":{"seats":2,"since":2026},"roles":["admin"]}""")]
    [InlineData("""{"public_metadata":{"plan":null,"never":null}}""", """{"roles":["admin"]}""")]
    [InlineData("""{"public_metadata":{"roles":[null]}}""", """{"plan":{"tier":"pro","seats":2},"roles":[null]}""")]
    [InlineData("""{"public_metadata":{"roles":{"a":{"b":null,"c":1}}}}""", """{"plan":{"tier":"pro","seats":2},"roles":{"a":{"c":1}}}""")]
    [InlineData("""{"private_metadata":{"x":1}}""", """{"plan":{"tier":"pro","seats":2},"roles":["admin"]}""")]
    [InlineData("{}", """{"plan":{"tier":"pro","seats":2},"roles":["admin"]}""")]
    public async Task MetadataMerged_KeepsWhatIsNotNamed(string change, string expected)
    {
        Create("user_1", """{"plan":{"tier":"pro","seats":2},"roles":["admin"]}""");

        var answer = await _caller.MergeAsync("user_1", change);

        Assert.Equal((200, expected), (answer.Status, answer.PublicMetadata));
        Assert.Equal(expected, (await _caller.GetAsync("/v1/users/user_1")).PublicMetadata);
    }

    [Theory]
    [InlineData("PUT", "/v1/users/user_1/metadata", null)]
    [InlineData("PATCH", "/v1/users/user_1", "2025-11-10")]
    [InlineData("PATCH", "/v1/users/user_1", null)]
    public async Task MetadataReplaced_LosesWhatIsNotNamed(string method, string path, string? version)
    {
        Create("user_1", """{"plan":"pro"}""");
        await _caller.MergeAsync("user_1", """{"private_metadata":{"kept":true}}""");

        var answer = await _caller.CallAsync(new HttpMethod(method), path, """{"public_metadata":{"dubClickId":"x"}}""", version);

        Assert.Equal((200, """{"dubClickId":"x"}"""), (answer.Status, answer.PublicMetadata));
        Assert.Equal("""{"kept":true}""", answer.Json["private_metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task MetadataOfAUserUpdate_IsRefusedByTheCurrentVersion()
    {
        Create("user_1", """{"plan":"pro"}""");

        var answer = await _caller.CallAsync(HttpMethod.Patch, "/v1/users/user_1", """{"public_metadata":{}}""", "2026-05-12");

        Assert.Equal((422, "form_param_unknown"), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("", 400, "request_body_invalid")]
    [InlineData("[]", 400, "request_body_invalid")]
    [InlineData("{", 400, "request_body_invalid")]
    [InlineData("""{"public_metadata":{"a":1,"a":2}}""", 400, "request_body_invalid")]
    [InlineData("""{"public_metadata":"x"}""", 422, "form_param_value_invalid")]
    [InlineData("""{"unsafe_metadata":null}""", 422, "form_param_value_invalid")]
    public async Task FaultyMetadata_IsRefusedAndChangesNothing(string body, int status, string code)
    {
        Create("user_1", """{"plan":"pro"}""");

        var answer = await _caller.MergeAsync("user_1", body);

        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal("""{"plan":"pro"}""", _clerk.Users.Find("user_1")!["public_metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task MetadataOverEightKilobytes_IsRefused()
    {
        _clerk.Users.Create("user_1");

        var answer = await _caller.MergeAsync("user_1", new JsonObject { ["public_metadata"] = new JsonObject { ["x"] = new string('x', 8192) } }.ToJsonString());

        Assert.Equal((422, "form_param_value_invalid"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Users_AreListedPageByPageWithinTheirPeriod()
    {
        for (var user = 0; user < 25; user++)
        {
            _clerk.Users.Create($"user_{user:00}", Start.AddMinutes(user / 2));
        }

        var period = $"created_at_after={Start.AddMinutes(1).ToUnixTimeMilliseconds()}&created_at_before={Start.AddMinutes(11).ToUnixTimeMilliseconds()}";
        List<string> found = [];
        for (var offset = 0; offset < 30; offset += 7)
        {
            found.AddRange(await IdsAsync($"limit=7&offset={offset}&order_by=%2Bcreated_at&{period}"));
        }

        Assert.Equal(Enumerable.Range(4, 18).Select(user => $"user_{user:00}"), found);
        Assert.Equal(10, (await IdsAsync("order_by=-created_at")).Count);
        Assert.Equal("user_24", (await IdsAsync(string.Empty))[0]);
        Assert.Equal(["user_03", "user_05"], await IdsAsync("user_id=user_05&user_id=user_03&order_by=created_at"));
    }

    [Fact]
    public async Task UsersByEmail_AreFoundWhateverTheCase()
    {
        _clerk.Users.Create("user_1", email: "ada@example.org");
        _clerk.Users.Create("user_2", email: "grace@example.org");

        Assert.Equal(["user_2"], await IdsAsync("email_address=Grace%40Example.org"));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=501")]
    [InlineData("limit=ten")]
    [InlineData("offset=-1")]
    [InlineData("order_by=-shoe_size")]
    [InlineData("created_at_after=yesterday")]
    public async Task FaultyQuery_IsRefused(string query)
    {
        var answer = await _caller.GetAsync("/v1/users?" + query);

        Assert.Equal((422, "form_param_value_invalid"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task UserDeleted_IsGone()
    {
        _clerk.Users.Create("user_1");

        var answer = await _caller.CallAsync(HttpMethod.Delete, "/v1/users/user_1");

        Assert.Equal("""{"id":"user_1","object":"user","deleted":true}""", answer.Text);
        Assert.Equal(404, (await _caller.GetAsync("/v1/users/user_1")).Status);
    }

    [Fact]
    public async Task EleventhChangeOfAUserInTenSeconds_IsTooMany()
    {
        _clerk.Users.Create("user_1");
        _clerk.Users.Create("user_2");
        for (var change = 0; change < 10; change++)
        {
            Assert.Equal(200, (await _caller.MergeAsync("user_1", "{}")).Status);
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }

        var refused = await _caller.MergeAsync("user_1", "{}");
        Assert.Equal((429, "too_many_requests", TimeSpan.FromSeconds(5)), (refused.Status, refused.Code, refused.RetryAfter));
        Assert.Equal(200, (await _caller.MergeAsync("user_2", "{}")).Status);
        Assert.Equal(200, (await _caller.GetAsync("/v1/users/user_1")).Status);

        _time.Advance(refused.RetryAfter!.Value);
        Assert.Equal(200, (await _caller.MergeAsync("user_1", "{}")).Status);
        Assert.Equal((12, 1), (_clerk.Calls.Count(ClerkCallKind.MergeMetadata, "user_1"), _clerk.Calls.Count(status: 429)));
    }

    [Fact]
    public async Task RequestsOverTheInstanceLimit_AreTooManyButKeysAreNot()
    {
        for (var request = 0; request < 100; request++)
        {
            await _caller.GetAsync("/v1/users");
        }

        var refused = await _caller.GetAsync("/v1/users");
        Assert.Equal((429, TimeSpan.FromSeconds(10)), (refused.Status, refused.RetryAfter));
        Assert.Equal(200, (await _caller.GetAsync("/v1/jwks")).Status);
    }

    private void Create(string userId, string publicMetadata) => _clerk.Users.Create(userId, publicMetadata: JsonNode.Parse(publicMetadata)!.AsObject());

    private async Task<List<string>> IdsAsync(string query) =>
        [.. (await _caller.GetAsync("/v1/users?" + query)).Json.AsArray().Select(user => (string)user!["id"]!)];
}
