using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.Tests.Api;

/// <summary><c>/links</c> over HTTP, in Dub's words.</summary>
public sealed class LinksApiTests(SharedHost shared) : IClassFixture<SharedHost>
{
    /// <summary>Every key of a link, and nothing else: Dub's own tests compare strictly.</summary>
    private static readonly string[] Keys =
    [
        "android", "archived", "clicks", "comments", "conversions", "createdAt", "description", "disabledAt", "doIndex", "domain", "expiredUrl", "expiresAt",
        "externalId", "folderId", "geo", "id", "identifier", "image", "ios", "key", "lastClicked", "leads", "linkRetentionCleanupDisabledAt", "partnerId",
        "password", "programId", "projectId", "proxy", "publicStats", "qrCode", "rewrite", "saleAmount", "sales", "shortLink", "tagId", "tags", "tenantId",
        "testCompletedAt", "testStartedAt", "testVariants", "title", "trackConversion", "updatedAt", "url", "userId", "utm_campaign", "utm_content",
        "utm_medium", "utm_source", "utm_term", "video", "webhookIds", "workspaceId",
    ];

    [Fact]
    public async Task EveryField_IsKeptAndAnswered()
    {
        var id = SharedHost.NewKey();
        var link = await shared.CreateAsync(new JsonObject
        {
            ["url"] = "example.com/a?x=1&utm_source=old#f",
            ["key"] = id,
            ["externalId"] = "ext_" + id,
            ["tenantId"] = "tenant",
            ["trackConversion"] = true,
            ["comments"] = "mine",
            ["expiresAt"] = "2999-01-02T03:04:05+01:00",
            ["expiredUrl"] = "example.com/over",
            ["title"] = new string('t', 121),
            ["description"] = new string('d', 241),
            ["image"] = "https://example.com/i.png",
            ["video"] = "https://example.com/v.mp4",
            ["proxy"] = true,
            ["geo"] = new JsonObject { ["us"] = "https://us.example.com" },
            ["utm_source"] = " a b&c ",
            ["utm_medium"] = "",
            ["utm_term"] = "t",
            ["ref"] = "r",
            ["unknown"] = new JsonObject(),
        });

        Assert.Equal(Keys, link.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal("https://example.com/a?x=1&utm_source=a+b%26c&utm_term=t&ref=r#f", Text(link, "url"));
        Assert.Equal(("a b&c", null, "t"), (Text(link, "utm_source"), Text(link, "utm_medium"), Text(link, "utm_term")));
        Assert.Equal((id, "tenant", "mine"), (Text(link, "externalId"), Text(link, "tenantId"), Text(link, "comments")));
        Assert.Equal(("2999-01-02T02:04:05.000Z", "https://example.com/over"), (Text(link, "expiresAt"), Text(link, "expiredUrl")));
        Assert.Equal((120, 240), (Text(link, "title")!.Length, Text(link, "description")!.Length));
        Assert.Equal("https://us.example.com/", Text(link.GetProperty("geo"), "US"));
        Assert.Equal($"{shared.Host.Origin}{id}", Text(link, "shortLink"));
        Assert.Equal($"https://api.dub.co/qr?url={Text(link, "shortLink")}?qr=1", Text(link, "qrCode"));
        foreach (var address in (string[])[$"/links/{Text(link, "id")}", $"/links/ext_{id}", $"/links/info?externalId=ext_{id}", $"/api/links/info?linkId={Text(link, "id")}"])
        {
            Assert.Equal(link.GetRawText(), (await shared.Host.CallAsync(HttpMethod.Get, address)).Body.GetRawText());
        }
    }

    [Fact]
    public async Task Update_ChangesWhatItNamesAndNothingElse()
    {
        var id = SharedHost.NewKey();
        var link = await shared.CreateAsync(new JsonObject { ["key"] = id, ["externalId"] = id + "/a", ["title"] = "title", ["utm_source"] = "s", ["utm_term"] = "t" });
        var address = $"/links/{Text(link, "id")}";

        var (_, moved) = await shared.Host.CallAsync(HttpMethod.Patch, address, """{"url":"https://other.example/?utm_term=own","utm_campaign":"c","archived":true}""");
        var (_, cleared) = await shared.Host.CallAsync(HttpMethod.Put, $"/links/ext_{id}%2Fa", """{"title":null,"utm_source":null,"externalId":null,"disabled":true}""");
        var (_, enabled) = await shared.Host.CallAsync(HttpMethod.Patch, address, """{"disabled":false}""");

        Assert.Equal("https://other.example/?utm_term=own&utm_source=s&utm_campaign=c", Text(moved, "url"));
        Assert.Equal(("title", true, id), (Text(moved, "title"), moved.GetProperty("archived").GetBoolean(), Text(moved, "key")));
        Assert.Equal((null, null, "https://other.example/?utm_term=own&utm_campaign=c"), (Text(cleared, "title"), Text(cleared, "externalId"), Text(cleared, "url")));
        Assert.NotNull(Text(cleared, "disabledAt"));
        Assert.Null(Text(enabled, "disabledAt"));
        Assert.Equal(404, (await shared.Host.CallAsync(HttpMethod.Get, $"/links/ext_{id}%2Fa")).Status);
    }

    [Fact]
    public async Task UpsertsAtOnce_AreOneLink()
    {
        var url = "https://example.com/" + SharedHost.NewKey();
        var body = new JsonObject { ["url"] = url, ["domain"] = "127.0.0.1", ["utm_source"] = "x" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
        {
            body["comments"] = i.ToString(CultureInfo.InvariantCulture);
            return shared.Host.CallAsync(HttpMethod.Put, "/links/upsert", body.ToJsonString());
        }));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Single(answers.Select(answer => Text(answer.Body, "id")).Distinct());
        Assert.Equal(1, (await shared.Host.CallAsync(HttpMethod.Get, "/links/count?search=" + url)).Body.GetInt32());
    }

    [Fact]
    public async Task DrawnKey_HasTheLengthAndPrefixAskedFor()
    {
        var link = await shared.CreateAsync(new JsonObject { ["prefix"] = "/c/", ["keyLength"] = 12 });

        Assert.Matches("^c/[0-9A-Za-z]{12}$", Text(link, "key")!);
    }

    [Fact]
    public async Task DeletedLink_IsGoneAndItsNameFree()
    {
        var key = SharedHost.NewKey();
        var link = await shared.CreateAsync(new JsonObject { ["key"] = key, ["externalId"] = key });

        var (status, deleted) = await shared.Host.CallAsync(HttpMethod.Delete, $"/links/ext_{key}");

        Assert.Equal((200, $$"""{"id":"{{Text(link, "id")}}"}"""), (status, deleted.GetRawText()));
        AssertError((404, "not_found", "Link not found."), await shared.Host.CallAsync(HttpMethod.Delete, $"/links/{Text(link, "id")}"));
        AssertError((404, "not_found", "Link not found."), await shared.Host.CallAsync(HttpMethod.Patch, $"/links/{Text(link, "id")}", "{}"));
        await shared.CreateAsync(new JsonObject { ["key"] = key, ["externalId"] = key });
    }

    [Fact]
    public async Task Names_AreNotGivenTwice()
    {
        var (one, two) = (SharedHost.NewKey(), SharedHost.NewKey());
        await shared.CreateAsync(new JsonObject { ["key"] = one, ["externalId"] = one });
        var link = await shared.CreateAsync(new JsonObject { ["key"] = two });
        var address = $"/links/{Text(link, "id")}";

        AssertError((409, "conflict", "Duplicate key: This short link already exists."), await shared.Host.CallAsync(HttpMethod.Patch, address, $$"""{"key":"{{one.ToUpperInvariant()}}"}"""));
        AssertError(
            (409, "conflict", "A link with this externalId already exists in this workspace."),
            await shared.Host.CallAsync(HttpMethod.Patch, address, $$"""{"externalId":"{{one}}"}"""));
        AssertError(
            (409, "conflict", "A link with this externalId already exists in this workspace."),
            await shared.Host.CallAsync(HttpMethod.Post, "/links", $$"""{"url":"https://a.example","externalId":"ext_{{one}}"}"""));
    }

    [Theory]
    [InlineData("""{"url":null}""", "invalid_type: url: Invalid input: expected string, received null")]
    [InlineData("""{"url":"a.example","domain":1}""", "invalid_type: domain: Invalid input: expected string, received number")]
    [InlineData("""{"url":"a.example","keyLength":2}""", "too_small: keyLength: Too small: expected number to be >=3")]
    [InlineData("""{"url":"a.example","keyLength":191}""", "too_big: keyLength: Too big: expected number to be <=190")]
    [InlineData("""{"url":"a.example","keyLength":7.5}""", "invalid_type: keyLength: Invalid input: expected int, received number")]
    [InlineData("""{"url":"a.example","keyLength":1e999}""", "too_big: keyLength: Too big: expected number to be <=190")]
    [InlineData("""{"url":"a.example","keyLength":"7"}""", "invalid_type: keyLength: Invalid input: expected number, received string")]
    [InlineData("""{"url":"a.example","externalId":""}""", "too_small: externalId: Too small: expected string to have >=1 characters")]
    [InlineData("""{"url":"a.example","externalId":["x"]}""", "invalid_type: externalId: Invalid input: expected string, received array")]
    [InlineData("""{"url":"a.example","trackConversion":null}""", "invalid_type: trackConversion: Invalid input: expected boolean, received null")]
    [InlineData("""{"url":"a.example","expiresAt":"soon"}""", "Invalid expiration date.")]
    [InlineData("""{"url":"a.example","expiresAt":1}""", "invalid_type: expiresAt: Invalid input: expected string, received number")]
    [InlineData("""{"url":"a.example","expiredUrl":"mailto:x@a.example"}""", "Invalid expired URL.")]
    [InlineData("""{"url":"a.example","geo":"US"}""", "invalid_type: geo: Invalid input: expected record, received string")]
    [InlineData("""{"url":"a.example","geo":{"US":1}}""", "invalid_type: geo.US: Invalid input: expected string, received number")]
    [InlineData("""{"url":"a.example","geo":{"\ud800":"x"}}""", "invalid_type: geo: Invalid input: a name in the object is no text")]
    [InlineData("""{"url":"a.example","tagIds":["tag_1","tag_2"]}""", "Invalid tagIds detected: tag_1, tag_2")]
    [InlineData("""{"url":"a.example","tagNames":"x"}""", "Invalid tagNames detected: x")]
    [InlineData("""{"url":"a.example","password":"secret"}""", "custom: password: This server has no passwords on links.")]
    [InlineData("""{"url":"a.example","rewrite":true}""", "custom: rewrite: This server has no link cloaking.")]
    [InlineData("""{"url":"a.example","folderId":"fold_1"}""", "custom: folderId: This server has no folders.")]
    [InlineData("""{"url":"mailto:x@a.example"}""", "Invalid destination URL")]
    [InlineData("""{"url":"a.example","utm_source":{}}""", "invalid_type: utm_source: Invalid input: expected string, received object")]
    public async Task BadField_IsRefusedInDubsWords(string body, string message)
        => AssertError((422, "unprocessable_entity", message), await shared.Host.CallAsync(HttpMethod.Post, "/links", body));

    [Theory]
    [InlineData("url", 32_000)]
    [InlineData("domain", 190)]
    [InlineData("key", 190)]
    [InlineData("prefix", 190)]
    [InlineData("externalId", 255)]
    [InlineData("tenantId", 255)]
    [InlineData("comments", 10_000)]
    [InlineData("expiredUrl", 32_000)]
    [InlineData("image", 32_000)]
    [InlineData("ios", 32_000)]
    [InlineData("utm_campaign", 255)]
    [InlineData("ref", 255)]
    public async Task TextThatIsTooLong_IsRefused(string field, int max)
    {
        var body = new JsonObject { ["url"] = "https://a.example" };
        body[field] = new string('x', max + 1);

        AssertError(
            (422, "unprocessable_entity", $"too_big: {field}: Too big: expected string to have <={max} characters"),
            await shared.Host.CallAsync(HttpMethod.Post, "/links", body.ToJsonString()));
    }

    [Fact]
    public async Task OddBodies_AreRefusedInTheEnvelope()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 2000)) + string.Concat(Enumerable.Repeat("]", 2000));
        foreach (var (body, status) in ((string, int)[])[("""{"url":""" + deep + "}", 400), ("\u0000", 400), (new string(' ', 3 * 1024 * 1024), 413), ("null", 422), ("\"x\"", 422)])
        {
            foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Post, "/links"), (HttpMethod.Put, "/links/upsert"), (HttpMethod.Post, "/links/bulk")])
            {
                var (actual, error) = await shared.Host.CallAsync(method, path, body);

                Assert.Equal(status, actual);
                Assert.False(string.IsNullOrEmpty(Text(error.GetProperty("error"), "message")));
            }
        }
    }

    [Theory]
    [InlineData("page=0", "too_small: page: Page must be greater than 0.")]
    [InlineData("page=x", "invalid_type: page: Page must be a number.")]
    [InlineData("pageSize=101", "too_big: pageSize: Max page size is 100.")]
    [InlineData("showArchived=yes", "invalid_value: showArchived: Invalid option: expected one of \"true\"|\"false\"")]
    [InlineData("sortBy=url", "invalid_value: sortBy: Invalid option: expected one of \"createdAt\"|\"clicks\"|\"saleAmount\"|\"lastClicked\"")]
    [InlineData("startingAfter=a&endingBefore=b", "You cannot use both startingAfter and endingBefore at the same time.")]
    [InlineData("startingAfter=a&sortBy=clicks", "Cursor-based pagination only supports sorting by `createdAt`. Use offset-based pagination (page/pageSize) for other sort fields.")]
    [InlineData("startingAfter=a&page=2", "You cannot use both page and startingAfter/endingBefore at the same time. Please use one pagination method.")]
    [InlineData("page=1001", "Page is too big (cannot be more than 1000), recommend using cursor-based pagination instead.")]
    [InlineData("startingAfter=link_none", "Invalid cursor: the provided ID does not exist.")]
    public async Task BadList_IsRefusedInDubsWords(string query, string message)
        => AssertError((422, "unprocessable_entity", message), await shared.Host.CallAsync(HttpMethod.Get, "/links?" + query));

    [Fact]
    public async Task ExternalIdWithoutItsPrefix_IsSaidToLackIt()
        => AssertError(
            (400, "bad_request", "Invalid externalId. Did you forget to prefix it with `ext_`?"), await shared.Host.CallAsync(HttpMethod.Get, "/links/info?externalId=x"));

    [Fact]
    public async Task List_HasPagesCursorsFiltersAndOrder()
    {
        var tenant = SharedHost.NewKey();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            var key = SharedHost.NewKey();
            var domain = i < 2 ? "other.example" : "127.0.0.1";
            ids.Add(Text(await shared.CreateAsync(new JsonObject { ["key"] = key, ["tenantId"] = tenant, ["archived"] = i == 0, ["domain"] = domain }), "id")!);
            if (i == 3)
            {
                (await shared.Host.Client.GetAsync("/" + key, TestContext.Current.CancellationToken)).Dispose();
            }
        }

        Assert.Equal([ids[4], ids[3], ids[2], ids[1]], await ListAsync($"tenantId={tenant}"));
        Assert.Equal([ids[2], ids[1]], await ListAsync($"tenantId={tenant}&page=2&pageSize=2"));
        Assert.Equal([ids[3], ids[2]], await ListAsync($"tenantId={tenant}&startingAfter={ids[4]}&pageSize=2"));
        Assert.Equal([ids[3], ids[2]], await ListAsync($"tenantId={tenant}&endingBefore={ids[1]}&pageSize=2"));
        Assert.Equal([ids[1], ids[0]], await ListAsync($"tenantId={tenant}&domain=https://www.OTHER.example&showArchived=true"));
        Assert.Equal([ids[3], ids[4], ids[2], ids[1]], await ListAsync($"tenantId={tenant}&sortBy=clicks"));
        Assert.Equal([ids[3]], await ListAsync($"tenantId={tenant}&sortBy=lastClicked&pageSize=1"));
        Assert.Empty(await ListAsync($"tenantId={tenant}&tagIds=tag_1"));
        Assert.Equal(4, (await shared.Host.CallAsync(HttpMethod.Get, $"/links/count?tenantId={tenant}")).Body.GetInt32());
        Assert.Equal(
            """[{"domain":"127.0.0.1","_count":3},{"domain":"other.example","_count":2}]""",
            (await shared.Host.CallAsync(HttpMethod.Get, $"/links/count?tenantId={tenant}&groupBy=domain&showArchived=true")).Body.GetRawText());
    }

    [Fact]
    public async Task ManyAtOnce_EachSaysWhatBecameOfIt()
    {
        var (one, two) = (SharedHost.NewKey(), SharedHost.NewKey());
        var (_, made) = await shared.Host.CallAsync(HttpMethod.Post, "/links/bulk", $$"""
            [{"url":"https://a.example","key":"{{one}}","externalId":"{{one}}"},{"url":"https://a.example","key":"{{one}}"},{"url":"javascript:alert(1)"},{"url":"https://a.example","key":"{{two}}"}]
            """);
        var ids = new[] { Text(made[0], "id"), Text(made[3], "id") };
        Assert.Equal(("conflict", one), (Text(made[1], "code"), Text(made[1].GetProperty("link"), "key")));
        Assert.Equal(("unprocessable_entity", "Invalid destination URL"), (Text(made[2], "code"), Text(made[2], "error")));

        var (_, changed) = await shared.Host.CallAsync(
            HttpMethod.Patch, "/links/bulk", $$"""{"linkIds":["{{ids[1]}}"],"externalIds":["{{one}}"],"data":{"archived":true,"key":"ignored","comments":"c"} }""");
        Assert.Equal([two, one], changed.EnumerateArray().Select(link => Text(link, "key")));
        Assert.All(changed.EnumerateArray(), link => Assert.Equal("c", Text(link, "comments")));
        AssertError(
            (422, "unprocessable_entity", "Invalid linkIds detected: link_none"),
            await shared.Host.CallAsync(HttpMethod.Patch, "/links/bulk", """{"linkIds":["link_none"],"data":{"archived":true} }"""));
        AssertError(
            (422, "unprocessable_entity", "invalid_type: data: Invalid input: expected object, received undefined"),
            await shared.Host.CallAsync(HttpMethod.Patch, "/links/bulk", """{"linkIds":["link_none"]}"""));
        AssertError(
            (422, "unprocessable_entity", "too_big: : Too big: expected array to have <=100 items"),
            await shared.Host.CallAsync(HttpMethod.Post, "/links/bulk", $"[{string.Join(',', Enumerable.Repeat("{}", 101))}]"));

        var (_, deleted) = await shared.Host.CallAsync(HttpMethod.Delete, $"/links/bulk?linkIds={ids[0]},{ids[1]},link_none");
        Assert.Equal("""{"deletedCount":2}""", deleted.GetRawText());
    }

    [Fact]
    public async Task Keys_AreNotTheHostsOwnPaths()
    {
        foreach (var key in (string[])["analytics/script.js", "API", "track", "links/x", "health", "openapi"])
        {
            AssertError(
                (403, "forbidden", $"{key} is a reserved path and cannot be used as a short link."),
                await shared.Host.CallAsync(HttpMethod.Post, "/links", $$"""{"url":"https://a.example","key":"{{key}}"}"""));
        }
    }

    private async Task<IEnumerable<string?>> ListAsync(string query)
        => (await shared.Host.CallAsync(HttpMethod.Get, "/links?" + query)).Body.EnumerateArray().Select(link => Text(link, "id"));

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static void AssertError((int Status, string Code, string Message) expected, (int Status, JsonElement Body) actual)
    {
        Assert.True(actual.Body.TryGetProperty("error", out var error), actual.Body.GetRawText());
        Assert.Equal(expected, (actual.Status, Text(error, "code")!, Text(error, "message")!));
    }
}
