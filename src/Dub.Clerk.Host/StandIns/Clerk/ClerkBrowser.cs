using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>A browser, as Clerk knows it: who is signed in there, and the sign-up or sign-in that is under way. Whoever reads or changes one
/// holds its lock: two tabs are one client.</summary>
internal sealed class ClerkBrowser(string token, DateTimeOffset now)
{
    public Lock Lock { get; } = new();

    public string Id { get; } = ClerkStandIn.NewId("client");

    /// <summary><c>dvb_…</c>: what the browser shows to be this client, in a development instance.</summary>
    public string Token { get; } = token;

    public DateTimeOffset CreatedAt { get; } = now;

    /// <summary>When somebody last signed in or out. A session token that is older is not believed by Clerk's SDK.</summary>
    public DateTimeOffset UpdatedAt { get; private set; } = now;

    public List<ClerkSession> Sessions { get; } = [];

    public ClerkSignUp? SignUp { get; set; }

    public ClerkSignIn? SignIn { get; set; }

    public ClerkSession? Active => Sessions.LastOrDefault();

    public ClerkSession? Find(string sessionId) => Sessions.Find(session => session.Id == sessionId);

    public ClerkSession Begin(string userId, DateTimeOffset at)
    {
        var session = new ClerkSession(ClerkStandIn.NewId("sess"), userId, at) { LastActiveAt = at };
        Sessions.Add(session);
        UpdatedAt = at;
        return session;
    }

    /// <summary>Ends one session, or all.</summary>
    public void End(ClerkSession? session, DateTimeOffset at)
    {
        Sessions.RemoveAll(each => session is null || each == session);
        UpdatedAt = at;
    }
}

/// <summary>Somebody is signed in.</summary>
internal sealed record ClerkSession(string Id, string UserId, DateTimeOffset CreatedAt)
{
    public DateTimeOffset LastActiveAt { get; set; }
}

/// <summary>A sign-up that is under way.</summary>
internal sealed class ClerkSignUp
{
    public string Id { get; } = ClerkStandIn.NewId("sua");

    public string? Email { get; set; }

    public string? Password { get; set; }

    public string? FirstName { get; set; }

    public string? LastName { get; set; }

    public JsonObject UnsafeMetadata { get; set; } = [];

    public bool IsVerified { get; set; }

    public int Attempts { get; set; }

    /// <summary>What it became.</summary>
    public ClerkSession? Created { get; set; }
}

/// <summary>A sign-in that is under way.</summary>
internal sealed class ClerkSignIn(string identifier)
{
    public string Id { get; } = ClerkStandIn.NewId("sia");

    public string Identifier { get; } = identifier;

    public ClerkSession? Created { get; set; }
}

/// <summary>All browsers.</summary>
internal sealed class ClerkBrowsers(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ClerkBrowser> _clients = new(StringComparer.Ordinal);

    public ClerkBrowser New() => Get(ClerkStandIn.NewId("dvb"));

    /// <summary>A token that is not known is one from before a restart: its browser is welcome, and signed out.</summary>
    public ClerkBrowser Get(string token) => _clients.GetOrAdd(token, known => new ClerkBrowser(known, time.GetUtcNow()));

    /// <summary>Signs a user out everywhere.</summary>
    public void End(string userId)
    {
        foreach (var client in _clients.Values)
        {
            lock (client.Lock)
            {
                foreach (var session in client.Sessions.Where(session => session.UserId == userId).ToList())
                {
                    client.End(session, time.GetUtcNow());
                }
            }
        }
    }
}
