namespace Dub.Clerk.Store;

/// <summary>The store is slower than what is asked of it: the call was not made.</summary>
internal sealed class StoreOverloadedException(string message) : StoreException(message);
