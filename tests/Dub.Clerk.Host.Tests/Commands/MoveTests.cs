using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Moving;
using Dub.Clerk.Host.StandIns.Clerk;
using Dub.Clerk.Host.Tests.Dashboard;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Commands;

/// <summary>From the embedded store to a Redis: everything arrives, or it is said that it did not.</summary>
public sealed class MoveTests : IAsyncLifetime
{
    private static readonly string[] Questions =
    [
        "/links", "/links/count", "/events?event=clicks&interval=30d", "/events?event=leads&interval=30d", "/events?event=sales&interval=30d", "/customers", "/customers/count",
        "/analytics?event=composite&interval=30d", "/analytics?event=composite&interval=30d&groupBy=timeseries", "/analytics?event=composite&interval=30d&groupBy=top_links",
        "/analytics?event=clicks&interval=30d&groupBy=devices", "/outbox/clerk/dead", "/outbox/clerk/waiting", "/outbox/customers/user_dead",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-move-");
    private RedisServerFixture _redis = null!;

    private string Target => _redis.ConfigurationOptions.ToString(includePassword: true) + ",connectTimeout=10000";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        _redis = await RedisServerFixture.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task MovedHost_AnswersAsBeforeAndGoesOn()
    {
        await using var clerk = await ClerkServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        foreach (var user in (string[])["user_1", "user_dead", "user_waiting"])
        {
            clerk.Users.Create(user, DateTimeOffset.UtcNow);
        }

        string[] before;
        string click;
        await using (var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_DATA_DIR"] = _folder.FullName }))
        {
            click = await UseAsync(host);
            before = await AskAsync(host);
            Assert.Contains("user_dead", before[^1], StringComparison.Ordinal);

            var (refused, why) = await MoveAsync();
            Assert.Equal(1, refused);
            Assert.Contains("A host runs on this data folder. Stop it first", why, StringComparison.Ordinal);
        }

        var (exitCode, output) = await MoveAsync("--json");

        Assert.True(exitCode == 0, output);
        var result = JsonNode.Parse(output)!;
        Assert.True((bool)result["moved"]!);
        Assert.Empty(result["differences"]!.AsArray());
        Assert.All(result["types"]!.AsArray(), type => Assert.Equal((long)type!["source"]!, (long)type["target"]!));
        var (again, inUse) = await MoveAsync("--resume");
        Assert.Equal(1, again);
        Assert.Contains("The target holds keys of this prefix already", inUse, StringComparison.Ordinal);

        await using (var host = await HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = Target }))
        {
            Assert.Equal(before, await AskAsync(host));
            await DeliverAsync(host, "user_1", click);
            Assert.Equal(2, await CountAsync(host, "leads"));
        }

        await using (var host = await HostFixture.StartAsync(new Dictionary<string, string?>
        {
            ["ConnectionStrings:Redis"] = Target,
            ["CLERK_API_URL"] = clerk.Address.ToString(),
            ["CLERK_SECRET_KEY"] = clerk.SecretKey,
        }))
        {
            await Poll.UntilAsync(() => (string?)clerk.Users.Find("user_waiting")!["public_metadata"]!["dubClickId"] == click, "what waited is delivered");
        }
    }

    [Fact]
    public async Task BrokenOffMove_LetsNoHostOnTheHalfAndIsResumed()
    {
        const int many = 20_000;
        await using var source = await GarnetFixture.StartAsync();
        await PlantAsync(source.Database, many);
        await using var target = await ConnectAsync();

        var move = new StoreMove(source.Connection, target, new StoreKeys("dub"), TimeProvider.System);
        var moving = move.RunAsync(resume: false, TestContext.Current.CancellationToken);
        await Poll.UntilAsync(() => move.Progress is { Step: "Copying", Keys: > 50 }, "some of it is there");
        _redis.Kill();
        await Assert.ThrowsAnyAsync<RedisException>(() => moving);

        await _redis.RestartAsync();
        Assert.InRange(await CountAsync(), 50, many - 1);
        var refused = await Assert.ThrowsAsync<HostSetupException>(() => HostFixture.StartAsync(new Dictionary<string, string?> { ["ConnectionStrings:Redis"] = Target }));
        Assert.Contains("half a copy", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--resume", (await Assert.ThrowsAsync<MoveException>(() => RunAsync(source, resume: false))).Message, StringComparison.Ordinal);

        // The host was started again in between: something is gone, and something else is as it was not before.
        await source.Database.KeyDeleteAsync([.. Enumerable.Range(0, 100).Select(i => (RedisKey)$"dub:{{s1}}:click:{i}")]);
        await source.Database.HashDeleteAsync("dub:{s2}:p2:outbox:dub:items", "field7");
        await source.Database.ListLeftPopAsync("dub:dashboard-keys");
        var result = await RunAsync(source, resume: true);

        Assert.True(result.Moved);
        Assert.InRange(result.Written, 1, many - 1);
        Assert.InRange(result.Dropped, 0, 100);
        Assert.Equal(await DumpAsync(source.Connection), await DumpAsync(_redis.Connection));
    }

    [Fact]
    public async Task CopyThatDiffers_IsFoundAndNobodyNamed()
    {
        await using var source = await GarnetFixture.StartAsync();
        await PlantAsync(source.Database, 10);
        Assert.True((await RunAsync(source, resume: false)).Moved);
        var copy = _redis.Database;
        await copy.StringSetAsync("dub:{s0}:event:user_secret", "1");
        await copy.HashSetAsync("dub:{s2}:p2:outbox:dub:items", "field7", "other");
        await copy.SortedSetAddAsync("dub:{s3}:p3:customers:all", "member7", 7.100001);
        await copy.ListSetByIndexAsync("dub:dashboard-keys", 1, "other");
        await copy.SetRemoveAsync("dub:{s6}:link-domains", "d7");
        await copy.KeyDeleteAsync("dub:{s0}:event:bytes");
        await copy.KeyDeleteAsync("dub:{s1}:click:7");
        await copy.HashSetAsync("dub:{s1}:click:7", "a", "b");
        await copy.KeyPersistAsync("dub:{s4}:visitor:link_1:hash");
        await copy.StringSetAsync("dub:{s5}:p5:customer:user_secret:x", "1");

        var (types, differences) = await new CopyCheck(Side(source.Connection), Side(_redis.Connection), new StoreKeys("dub"), new MoveProgress())
            .RunAsync(8, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                new("click", CopyFault.Type, 1), new("customer", CopyFault.Extra, 1), new("customers", CopyFault.Content, 1), new("dashboard-keys", CopyFault.Content, 1),
                new("event", CopyFault.Missing, 1), new("event", CopyFault.Content, 1), new("link-domains", CopyFault.Content, 1), new("outbox", CopyFault.Content, 1),
                new("visitor", CopyFault.Expiry, 1),
            ],
            differences);
        Assert.Equal(new MovedType("string", 14, 13, 12), types.Single(type => type.Type == "string"));
    }

    [Theory]
    [InlineData("--to", "nobody", "--data", "/nowhere", "There is no embedded store in /nowhere")]
    [InlineData("--to", "a b=c,password=hunter2,=", "--data", "", "no connection string")]
    [InlineData("--to", "", "--data", "", "It is not said where to")]
    [InlineData("--two", "x", "--data", "", "--two")]
    public async Task WrongUsage_IsSaidInASentence(string option, string to, string dataOption, string data, string said)
    {
        var (exitCode, output) = await HostProcess.RunAsync(["move", option, to, dataOption, data.Length > 0 ? data : _folder.FullName]);

        Assert.Equal(2, exitCode);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TargetThatIsUsedOrAway_IsRefusedAndLeftAlone()
    {
        await using (await HostFixture.StartAsync(new Dictionary<string, string?> { ["DUBCLERK_DATA_DIR"] = _folder.FullName }))
        {
        }

        await _redis.Database.StringSetAsync("dub:other", "mine");
        await _redis.Database.StringSetAsync("dubious", "mine");
        var (inUse, used) = await MoveAsync();
        await _redis.Database.KeyDeleteAsync("dub:other");
        _redis.Kill();
        var (away, unreachable) = await MoveAsync();
        await _redis.RestartAsync();

        Assert.Equal((1, 1), (inUse, away));
        Assert.Contains("holds keys of this prefix already", used, StringComparison.Ordinal);
        Assert.Contains("cannot be reached", unreachable, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", used + unreachable, StringComparison.Ordinal);

        // Another product's keys are none of ours.
        var (exitCode, output) = await MoveAsync();
        Assert.True(exitCode == 0, output);
        Assert.Contains("ConnectionStrings__Redis", output, StringComparison.Ordinal);
        Assert.Equal("mine", await _redis.Database.StringGetAsync("dubious"));
    }

    private Task<(int ExitCode, string Output)> MoveAsync(params string[] more) => HostProcess.RunAsync(["move", "--to", Target, "--data", _folder.FullName, .. more]);

    private async Task<MoveResult> RunAsync(GarnetFixture source, bool resume)
    {
        await using var target = await ConnectAsync();
        return await new StoreMove(source.Connection, target, new StoreKeys("dub"), TimeProvider.System).RunAsync(resume, TestContext.Current.CancellationToken);
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = _redis.ConfigurationOptions;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    private static StoreSide Side(IConnectionMultiplexer connection) => new(connection, new StoreKeys("dub"));

    private async Task<int> CountAsync() => await Side(_redis.Connection).KeysAsync().CountAsync(TestContext.Current.CancellationToken);

    /// <summary>Visitors, customers, a sign-up, a dead letter, and a delivery that waits for somebody who can make it.</summary>
    /// <returns>The click of the sign-up.</returns>
    private static async Task<string> UseAsync(HostFixture host)
    {
        using var traffic = new Traffic(host.Origin);
        await traffic.CreateLinkAsync("launch");
        await traffic.CreateLinkAsync("other", "https://example.com/other");
        await traffic.FollowAsync("other");
        var click = await traffic.FollowAsync("launch");
        await DeliverAsync(host, "user_1", click);
        await traffic.LeadAsync(await traffic.FollowAsync("launch"), "user_2", "Ada", "ada@example.org");
        await traffic.SaleAsync("user_2", 4900);
        await traffic.SaleAsync("user_1", 100);

        // Without Clerk's key the host leaves Clerk's outbox alone.
        var outbox = host.Get<OutboxStore>();
        var letter = new OutboxItem(OutboxItem.MetadataKind, "user_dead");
        await outbox.AddAsync(OutboxDestination.Clerk, "user_dead", letter, MetadataDelivery.Create(click));
        Assert.True(await outbox.SettleAsync((await outbox.ClaimAsync(OutboxDestination.Clerk, StoreKeys.PartitionOf("user_dead")))!, OutboxVerdict.Dead("500")));
        await outbox.AddAsync(OutboxDestination.Clerk, "user_waiting", new OutboxItem(OutboxItem.MetadataKind, "user_waiting"), MetadataDelivery.Create(click));
        await Poll.UntilAsync(async () => await CountAsync(host, "leads") == 2, "the sign-up is a lead");
        return click;
    }

    private static async Task DeliverAsync(HostFixture host, string userId, string clickId)
    {
        var body = host.Clerk.UserCreated(userId, DateTimeOffset.UtcNow, unsafeMetadata: new JsonObject { ["dub_id"] = clickId });
        var (_, request) = host.Clerk.SignDelivery(body, deliveryId: null, DateTimeOffset.UtcNow);
        using (request)
        {
            request.RequestUri = new Uri(host.Origin, "/webhooks/clerk");
            using var response = await host.Client.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode);
        }
    }

    private static async Task<int> CountAsync(HostFixture host, string kind)
        => (await host.CallAsync(HttpMethod.Get, $"/events?event={kind}&interval=30d")).Body.GetArrayLength();

    private static async Task<string[]> AskAsync(HostFixture host)
    {
        var answers = new List<string>();
        foreach (var question in Questions)
        {
            var (status, body) = await host.CallAsync(HttpMethod.Get, question);
            Assert.Equal(200, status);
            answers.Add($"{question} {body.GetRawText().Replace(host.Origin.Authority, "host", StringComparison.Ordinal)}");
        }

        return [.. answers];
    }

    /// <summary>Keys of every type, of more than a page, with values that are no text and numbers that are no integers.</summary>
    private static async Task PlantAsync(IDatabase store, int clicks)
    {
        const int large = 1250;
        await store.HashSetAsync("dub:meta", [new("version", StoreSchema.Version), new("partitions", StoreKeys.Partitions), new("shards", StoreKeys.Shards)]);
        await store.StringSetAsync("dub:{s0}:event:user_secret", "1.0");
        await store.StringSetAsync("dub:{s0}:event:bytes", new byte[] { 0, 255, 13, 10, 128 });
        await store.StringSetAsync("dub:{s0}:event:empty", string.Empty);
        await store.StringSetAsync("dub:{s4}:visitor:link_1:hash", "x", TimeSpan.FromHours(1));
        await store.StringSetAsync("dub:{s4}:visitor:link_1:soon", "x", TimeSpan.FromMilliseconds(50));
        await store.HashSetAsync("dub:{s2}:p2:outbox:dub:items", [.. Enumerable.Range(0, large).Select(i => new HashEntry($"field{i}", new byte[] { 0, (byte)i }))]);
        await store.SortedSetAddAsync("dub:{s3}:p3:customers:all", [.. Enumerable.Range(0, large).Select(i => new SortedSetEntry($"member{i}", i + 0.1)), new("max", 9007199254740993), new("never", double.PositiveInfinity)]);
        await store.ListRightPushAsync("dub:dashboard-keys", [.. Enumerable.Range(0, large).Select(i => (RedisValue)(i % 3))]);
        await store.SetAddAsync("dub:{s6}:link-domains", [.. Enumerable.Range(0, large).Select(i => (RedisValue)$"d{i}")]);
        await store.KeyExpireAsync("dub:{s6}:link-domains", TimeSpan.FromHours(2));
        await Task.WhenAll(Enumerable.Range(0, clicks).Select(i => store.StringSetAsync($"dub:{{s1}}:click:{i}", i)));
    }

    /// <summary>What a store holds, read in the plainest way.</summary>
    private static async Task<SortedDictionary<string, string>> DumpAsync(IConnectionMultiplexer connection)
    {
        var (store, all) = (connection.GetDatabase(), new SortedDictionary<string, string>(StringComparer.Ordinal));
        await Parallel.ForEachAsync(connection.GetServers()[0].Keys(pattern: "dub:*", pageSize: 1000), async (key, _) =>
        {
            var held = await store.KeyTypeAsync(key) switch
            {
                RedisType.String => Hex(await store.StringGetAsync(key)),
                RedisType.Hash => string.Join(' ', (await store.HashGetAllAsync(key)).Select(field => $"{field.Name}={Hex(field.Value)}").Order(StringComparer.Ordinal)),
                RedisType.SortedSet => string.Join(' ', (await store.SortedSetRangeByRankWithScoresAsync(key)).Select(member => $"{member.Element}={member.Score:R}")),
                RedisType.List => string.Join(' ', await store.ListRangeAsync(key)),
                RedisType.Set => string.Join(' ', (await store.SetMembersAsync(key)).Select(member => member.ToString()).Order(StringComparer.Ordinal)),
                _ => null,
            };
            if (held is not null)
            {
                var left = await store.KeyTimeToLiveAsync(key);
                lock (all)
                {
                    all[key.ToString()] = $"{held} {(left is null ? "stays" : Math.Round(left.Value.TotalHours))}";
                }
            }
        });
        return all;
    }

    private static string Hex(RedisValue value) => Convert.ToHexString((byte[]?)value ?? []);
}
