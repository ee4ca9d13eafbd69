namespace Dub.Clerk.Store;

/// <summary>Learns that somebody was erased from the store, for whoever keeps copies of it, such as the files that it is written to.</summary>
internal interface IErasureListener
{
    /// <summary>Called after the erasure was made in the store. What it throws does not undo the erasure; it is called again.</summary>
    Task ErasedAsync(CancellationToken cancellationToken);
}

internal static class ErasureListeners
{
    /// <summary>Tells all of them, one after the other.</summary>
    public static async Task TellAsync(this IEnumerable<IErasureListener> listeners, CancellationToken cancellationToken)
    {
        foreach (var listener in listeners)
        {
            await listener.ErasedAsync(cancellationToken);
        }
    }
}
