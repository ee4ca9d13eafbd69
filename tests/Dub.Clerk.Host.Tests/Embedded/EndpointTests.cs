using Dub.Clerk.Host.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Dub.Clerk.Host.Tests.Embedded;

public sealed class EndpointTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("dub-test-");

    public void Dispose() => _parent.Delete(recursive: true);

    /// <summary>The way on Windows, tried everywhere.</summary>
    [Fact]
    public async Task Loopback_WantsThePassword()
    {
        using var endpoint = StoreEndpoint.Loopback();
        var server = await EmbeddedServer.LaunchAsync(_parent.FullName, endpoint, NullLoggerFactory.Instance);
        try
        {
            await using var with = await ConnectionMultiplexer.ConnectAsync(endpoint.Client());
            var withoutPassword = endpoint.Client();
            withoutPassword.Password = null;
            withoutPassword.AbortOnConnectFail = true;

            Assert.True(await with.GetDatabase().StringSetAsync("a", "b"));
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(withoutPassword));
        }
        finally
        {
            await server.StopAsync();
        }
    }

    [Fact]
    public async Task FolderTooLongForASocket_GetsAShortPrivateOne()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no Unix socket is used");
        var folder = Path.Combine(_parent.FullName, new string('l', 120));
        await using var store = new EmbeddedStore(folder, NullLoggerFactory.Instance, TimeProvider.System);
        await store.StartAsync(TestContext.Current.CancellationToken);

        await using var connection = await ConnectionMultiplexer.ConnectAsync(store.ConfigurationOptions);

        Assert.True(await connection.GetDatabase().StringSetAsync("a", "b"));
    }
}
