using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dub.Clerk.Store;
using Dub.Clerk.Testing;
using Microsoft.AspNetCore.Builder;

namespace Dub.Clerk.Tests.Store;

/// <summary>Servers as people have them, by the ordinary connection string.</summary>
public sealed class ConnectionStringTests
{
    private const string Password = "s3cret-of-the-app";

    [Fact]
    public async Task UserWithAPassword_NeedsItsOwnKeysAndNothingElse()
    {
        await using var redis = await StartAsync();
        await redis.SayAsync($"ACL SETUSER app on >{Password} ~shop:* &shop:* +@all -@dangerous -@admin", "ACL SETUSER default off");
        var settings = $"127.0.0.1:{Number(redis.Port)},user=app";

        await using var app = await StartAppAsync($"{settings},password={Password}", "shop");
        await using var stranger = await StartAppAsync($"{settings},password=wrong", "shop");
        await using var trespasser = await StartAppAsync($"{settings},password={Password}", "other");

        Assert.Equal(200, (await app.DeliverUserCreatedAsync("user_1")).Status);
        Assert.Equal(503, (await stranger.DeliverUserCreatedAsync("user_2")).Status);
        Assert.Equal(503, (await trespasser.DeliverUserCreatedAsync("user_3")).Status);

        // Who may not ask for the server's settings is told what to make sure of.
        var finding = Assert.Single(await app.Get<StoreInspection>().InspectAsync());
        Assert.Equal(StoreFindingKind.Unknown, finding.Kind);
        Assert.Contains("appendonly, appendfsync, maxmemory, maxmemory-policy", finding.Text, StringComparison.Ordinal);
        await Poll.UntilAsync(() => app.Log.Entries.Any(entry => entry.EventId == Diagnostics.EventIds.StoreNotAsPromised), "the log says it");
        Assert.DoesNotContain(stranger.Log.Entries, entry => entry.Message.Contains(Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task PrefixesOnOneServer_DoNotSeeEachOther()
    {
        await using var redis = await StartAsync();
        var connection = $"127.0.0.1:{Number(redis.Port)}";
        await using var shop = await StartAppAsync(connection, "shop");
        await using var blog = await StartAppAsync(connection, "blog");

        await shop.DeliverUserCreatedAsync("user_1");

        Assert.NotNull(await shop.SignUpAsync("user_1"));
        Assert.Null(await blog.SignUpAsync("user_1"));
        Assert.DoesNotContain((await redis.SayAsync("KEYS *")).Split('\n'), key => !key.StartsWith("shop:", StringComparison.Ordinal) && !key.StartsWith("blog:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EncryptedConnection_IsMadeToWhoIsTrustedAndNobodyElse()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        var folder = Directory.CreateTempSubdirectory("dub-tls-");
        try
        {
            var authority = WriteCertificates(folder.FullName);
            await using var redis = await RedisNode.StartAsync(node =>
            [
                "--port", "0", "--tls-port", Number(node.Port), "--bind", "127.0.0.1", "--dir", node.Folder.FullName, "--appendonly", "yes", "--save", "",
                "--tls-cert-file", Path.Combine(folder.FullName, "server.pem"), "--tls-key-file", Path.Combine(folder.FullName, "server.key"),
                "--tls-ca-cert-file", authority, "--tls-auth-clients", "no",
            ]);
            var connection = $"127.0.0.1:{Number(redis.Port)},ssl=true,sslHost=localhost,connectTimeout=2000";

            await using (var doubting = await StartAppAsync(connection, "dub"))
            {
                Assert.Equal(503, (await doubting.DeliverUserCreatedAsync("user_1")).Status);
            }

            // What the client has for a connection string's own authority.
            Environment.SetEnvironmentVariable("SERedis_IssuerCertPath", authority);
            await using var app = await StartAppAsync(connection, "dub");
            Assert.Equal(200, (await app.DeliverUserCreatedAsync("user_1")).Status);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SERedis_IssuerCertPath", null);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Sentinel_NamesTheNextMaster()
    {
        await using var redis = await StartPairAsync();
        await using var sentinel = await RedisNode.StartAsync(node =>
        {
            var file = Path.Combine(node.Folder.FullName, "sentinel.conf");
            File.WriteAllLines(file,
            [
                $"port {Number(node.Port)}", "bind 127.0.0.1", $"dir {node.Folder.FullName}", $"logfile {Path.Combine(node.Folder.FullName, "log")}",
                $"sentinel monitor main 127.0.0.1 {Number(redis.Master.Port)} 1", "sentinel down-after-milliseconds main 500", "sentinel failover-timeout main 5000",
            ]);
            return [file, "--sentinel"];
        });
        await Poll.UntilAsync(async () => (await sentinel.SayAsync("SENTINEL REPLICAS main")).Contains(Number(redis.Replica.Port), StringComparison.Ordinal), "the sentinel knows the replica");
        await using var app = await StartAppAsync($"127.0.0.1:{Number(sentinel.Port)},serviceName=main", "dub");
        Assert.Equal(200, (await app.DeliverUserCreatedAsync("user_1")).Status);

        // No replica is waited for here: after the failover there is none.
        await Poll.UntilAsync(async () => (await redis.Replica.SayAsync("KEYS *user_1*")).Contains("user_1", StringComparison.Ordinal), "the replica has the sign-up");
        redis.Master.Kill();

        await Poll.UntilAsync(async () => (await app.DeliverUserCreatedAsync("user_2")).Status == 200, "the next master takes writes");
        Assert.NotNull(await app.SignUpAsync("user_1"));
    }

    private static async Task<RedisNode> StartAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        return await RedisNode.StartAsync();
    }

    private static async Task<ReplicatedRedis> StartPairAsync()
    {
        Assert.SkipWhen(RedisServerFixture.MissingReason is not null, RedisServerFixture.MissingReason ?? string.Empty);
        return await ReplicatedRedis.StartAsync();
    }

    private static Task<TestApp> StartAppAsync(string connection, string prefix) => TestApp.StartAsync(null, pipeline: web => web.MapClerkWebhooks(), settings: new Dictionary<string, string?>
    {
        ["ConnectionStrings:Redis"] = connection,
        ["DubClerk:KeyPrefix"] = prefix,
    });

    /// <returns>The file of the authority.</returns>
    private static string WriteCertificates(string folder)
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = RSA.Create(2048);
        var authorityRequest = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var serverKey = RSA.Create(2048);
        var serverRequest = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        serverRequest.CertificateExtensions.Add(names.Build());
        using var server = serverRequest.Create(authority, from, to, RandomNumberGenerator.GetBytes(8));

        File.WriteAllText(Path.Combine(folder, "server.pem"), server.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.key"), serverKey.ExportPkcs8PrivateKeyPem());
        var file = Path.Combine(folder, "authority.pem");
        File.WriteAllText(file, authority.ExportCertificatePem());
        return file;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
