namespace Dub.Clerk.Host.Embedded;

/// <summary>The embedded store could not start. The message says why, in which folder, and what to do about it.</summary>
internal sealed class EmbeddedStoreException : Exception
{
    public EmbeddedStoreException(string message)
        : base(message)
    {
    }

    public EmbeddedStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether another host holds the folder.</summary>
    public bool IsInUse { get; init; }
}
