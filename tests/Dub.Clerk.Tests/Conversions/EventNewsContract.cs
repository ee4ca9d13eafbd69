using System.Collections.Concurrent;
using Dub.Clerk.Conversions;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Tests.Conversions;

/// <summary>That there is something new is heard by every process on the store, whatever store it is on.</summary>
public abstract class EventNewsContract(StoreKind kind) : IAsyncLifetime
{
    private TestStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestStore.MissingReason(kind) is not null, TestStore.MissingReason(kind) ?? string.Empty);
        _store = await TestStore.StartAsync(kind);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task ManyEvents_AreOneMessageToEveryProcessWithTheSamePrefix()
    {
        await using var writer = new TestHost(_store.Connection, TimeProvider.System);
        await using var other = new TestHost(await _store.ConnectAsync(), TimeProvider.System);
        await using var stranger = new TestHost(await _store.ConnectAsync(), TimeProvider.System, keyPrefix: "dub2");
        var (heard, heardByOther, heardByStranger) = (new ConcurrentQueue<DateTimeOffset>(), new ConcurrentQueue<DateTimeOffset>(), new ConcurrentQueue<DateTimeOffset>());
        await using var ear = await writer.Get<EventNews>().ListenAsync(heard.Enqueue, () => { });
        await using var otherEar = await other.Get<EventNews>().ListenAsync(heardByOther.Enqueue, () => { });
        await using var strangerEar = await stranger.Get<EventNews>().ListenAsync(heardByStranger.Enqueue, () => { });
        var (news, now) = (writer.Get<EventNews>(), DateTimeOffset.UtcNow);

        var earliest = now.AddHours(-3);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => writer.ClickAsync(now.AddSeconds(i))).Append(writer.ClickAsync(earliest)));
        await news.WaitAsync(TestContext.Current.CancellationToken);
        await news.PublishAsync();
        await news.PublishAsync();
        await stranger.ClickAsync(now);
        await stranger.Get<EventNews>().PublishAsync();
        await Poll.UntilAsync(() => !heard.IsEmpty && !heardByOther.IsEmpty && !heardByStranger.IsEmpty, "each has heard");

        Assert.Equal(earliest.ToUnixTimeMilliseconds(), Assert.Single(heard).ToUnixTimeMilliseconds());
        Assert.Equal(heard, heardByOther);
        Assert.Equal(now.ToUnixTimeMilliseconds(), Assert.Single(heardByStranger).ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task WhoListensNoMore_HearsNothing()
    {
        await using var host = new TestHost(_store.Connection, TimeProvider.System);
        var (before, after) = (new ConcurrentQueue<DateTimeOffset>(), new ConcurrentQueue<DateTimeOffset>());
        await (await host.Get<EventNews>().ListenAsync(before.Enqueue, () => { })).DisposeAsync();
        await using var ear = await host.Get<EventNews>().ListenAsync(after.Enqueue, () => { });

        await host.ClickAsync(DateTimeOffset.UtcNow);
        await host.Get<EventNews>().PublishAsync();
        await Poll.UntilAsync(() => !after.IsEmpty, "the other has heard");

        Assert.Empty(before);
    }
}

public sealed class EventNewsOnGarnet() : EventNewsContract(StoreKind.Garnet);

public sealed class EventNewsOnRedis() : EventNewsContract(StoreKind.Redis);

/// <summary>On a Redis Cluster.</summary>
[Collection(OnSharedCluster.Name)]
public sealed class EventNewsOnCluster() : EventNewsContract(StoreKind.Cluster);
