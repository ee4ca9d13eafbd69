namespace Dub.Clerk.Store;

/// <summary>Learns that somebody was erased from the store, for whoever keeps copies of it, such as the files that it is written to.</summary>
internal interface IErasureListener
{
    /// <summary>Called after the erasure was made in the store. What it throws does not undo the erasure; it is called again.</summary>
    Task ErasedAsync(CancellationToken cancellationToken);
}
