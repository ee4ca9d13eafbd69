namespace Dub.Clerk.Store;

/// <summary>The store was made by a newer version, or with other partitions, or is half a copy: what it holds would be read wrongly.</summary>
internal sealed class StoreFormatException(string message) : StoreException(message);
