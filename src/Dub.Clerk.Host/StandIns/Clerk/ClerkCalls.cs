using System.Collections.Concurrent;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>What a Backend API call is about.</summary>
internal enum ClerkCallKind
{
    GetUser,
    ListUsers,
    MergeMetadata,
    ReplaceMetadata,
    UpdateUser,
    DeleteUser,
    GetKeys,
    GetHandshake,
}

/// <summary>A call to the Backend API.</summary>
/// <param name="Kind">What it asked for.</param>
/// <param name="UserId">Of the user it was about, if it was about one.</param>
/// <param name="Status">What was answered; 0 when nothing was.</param>
internal readonly record struct ClerkCall(ClerkCallKind Kind, string? UserId, int Status);

/// <summary>Every call to the Backend API, in the order of their answers.</summary>
internal sealed class ClerkCalls
{
    private readonly ConcurrentQueue<ClerkCall> _calls = new();

    public IReadOnlyCollection<ClerkCall> All => _calls;

    public void Add(ClerkCall call) => _calls.Enqueue(call);

    public void Clear() => _calls.Clear();

    /// <summary>How many there were of a kind, about a user, with a status; null counts any.</summary>
    public int Count(ClerkCallKind? kind = null, string? userId = null, int? status = null) =>
        _calls.Count(call => (kind is null || call.Kind == kind) && (userId is null || call.UserId == userId) && (status is null || call.Status == status));
}
