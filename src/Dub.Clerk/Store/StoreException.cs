using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>The store did not answer, or refused: nothing can be said of what it holds now. Callers keep the work and try again.</summary>
internal class StoreException(string message, Exception? inner = null) : InvalidOperationException(message, inner)
{
    public static bool IsStoreFault(Exception e) => e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;
}
