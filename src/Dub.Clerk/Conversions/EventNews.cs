using System.Globalization;
using System.Threading.Channels;
using Dub.Clerk.Store;
using StackExchange.Redis;

namespace Dub.Clerk.Conversions;

/// <summary>Tells every process on the store that there are new events. A hint and no more: what there is, is read from the log.</summary>
internal sealed class EventNews(StoreConnection store)
{
    private const long Nothing = long.MaxValue;

    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Lock _changing = new();
    private long _since = Nothing;

    /// <summary>There is a new event, recorded before this is called. Costs nothing while one that is no younger has not been told of yet.</summary>
    public void Raise(DateTimeOffset timestamp)
    {
        var at = timestamp.ToUnixTimeMilliseconds();
        if (Volatile.Read(ref _since) <= at)
        {
            return;
        }

        lock (_changing)
        {
            Volatile.Write(ref _since, Math.Min(_since, at));
        }

        _raised.Writer.TryWrite(true);
    }

    /// <summary>Waits until there is something to tell.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _raised.Reader.ReadAsync(cancellationToken);

    /// <summary>Tells it, in one message however much there is.</summary>
    /// <exception cref="StoreException">The store did not answer. It is still to be told.</exception>
    public async Task PublishAsync()
    {
        long since;
        lock (_changing)
        {
            (since, _since) = (_since, Nothing);
        }

        if (since == Nothing)
        {
            return;
        }

        try
        {
            await store.RunAsync(database => database.PublishAsync(store.Keys.EventNews, since));
        }
        catch (StoreException)
        {
            Raise(DateTimeOffset.FromUnixTimeMilliseconds(since));
            throw;
        }
    }

    /// <summary>Listens until it is disposed of. Messages sent while the connection is lost do not come; that it is back is said.</summary>
    /// <param name="onNews">When the earliest of the new events was.</param>
    /// <param name="onRestored">Something may have been missed.</param>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<IAsyncDisposable> ListenAsync(Action<DateTimeOffset> onNews, Action onRestored)
    {
        var ear = new Ear(await store.SubscriberAsync(), store.Keys.EventNews, onNews, onRestored);
        try
        {
            await ear.BeginAsync();
            return ear;
        }
        catch (Exception e) when (StoreException.IsStoreFault(e))
        {
            await ear.DisposeAsync();
            throw new StoreException("The store did not answer, or refused the subscription.", e);
        }
    }

    private sealed class Ear(ISubscriber subscriber, RedisChannel channel, Action<DateTimeOffset> onNews, Action onRestored) : IAsyncDisposable
    {
        public Task BeginAsync()
        {
            subscriber.Multiplexer.ConnectionRestored += OnRestored;
            return subscriber.SubscribeAsync(channel, OnMessage);
        }

        public async ValueTask DisposeAsync()
        {
            subscriber.Multiplexer.ConnectionRestored -= OnRestored;
            try
            {
                await subscriber.UnsubscribeAsync(channel, OnMessage);
            }
            catch (Exception e) when (StoreException.IsStoreFault(e))
            {
                // The store forgets a connection that is lost.
            }
        }

        private void OnRestored(object? sender, ConnectionFailedEventArgs e) => onRestored();

        private void OnMessage(RedisChannel from, RedisValue message)
        {
            if (long.TryParse((string?)message, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var since)
                && since >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && since <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            {
                onNews(DateTimeOffset.FromUnixTimeMilliseconds(since));
            }
        }
    }
}
