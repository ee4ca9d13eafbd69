using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>The users of the instance. What it hands out are copies.</summary>
internal sealed class ClerkUsers(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _passwords = new(StringComparer.Ordinal);

    /// <summary>Something happened to a user: the type and the data of the webhook event.</summary>
    public event Action<string, JsonObject>? Changed;

    /// <summary>Where the avatar of a user is; Clerk's own address for it when this is null.</summary>
    public Func<string, string>? ImageUrl { get; set; }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _users.Count;
            }
        }
    }

    /// <summary>A user signs up.</summary>
    /// <param name="userId">One is made up when null.</param>
    /// <param name="createdAt">Now when null.</param>
    /// <param name="firstName">Null as for users who gave no name.</param>
    /// <param name="lastName">As <paramref name="firstName"/>.</param>
    /// <param name="email">Null for users who signed up by phone or user name.</param>
    /// <param name="unsafeMetadata">What the browser attached to the sign-up.</param>
    /// <param name="publicMetadata">What an invitation or a server of the app attached.</param>
    /// <param name="password">To sign in with; it is good for nothing else, and forgotten when the stand-in stops.</param>
    public JsonObject Create(
        string? userId = null, DateTimeOffset? createdAt = null, string? firstName = "Ada", string? lastName = "Byron", string? email = "ada@example.org",
        JsonObject? unsafeMetadata = null, JsonObject? publicMetadata = null, string? password = null)
    {
        var id = userId ?? ClerkStandIn.NewId("user");
        var user = ClerkUser.Create(id, createdAt ?? time.GetUtcNow(), firstName, lastName, email, unsafeMetadata);
        user["public_metadata"] = publicMetadata?.DeepClone() ?? new JsonObject();
        user["image_url"] = ImageUrl?.Invoke(id) ?? (string?)user["image_url"];
        lock (_lock)
        {
            _users.Add(id, user);
            if (password is not null)
            {
                _passwords.Add(id, password);
            }

            user = Copy(user);
        }

        Changed?.Invoke("user.created", Copy(user));
        return user;
    }

    public JsonObject? Find(string userId)
    {
        lock (_lock)
        {
            return _users.TryGetValue(userId, out var user) ? Copy(user) : null;
        }
    }

    public JsonObject? FindByEmail(string email)
    {
        lock (_lock)
        {
            return _users.Values.FirstOrDefault(user => ClerkUserQuery.HasEmail(user, email)) is { } user ? Copy(user) : null;
        }
    }

    public bool HasPassword(string userId, string password)
    {
        lock (_lock)
        {
            return _passwords.TryGetValue(userId, out var right) && right == password;
        }
    }

    public IReadOnlyList<JsonObject> List(ClerkUserQuery query)
    {
        lock (_lock)
        {
            return [.. query.Apply(_users.Values).Select(Copy)];
        }
    }

    /// <summary>Changes a user, all at once.</summary>
    /// <returns>The user as changed; null when there is no such user.</returns>
    public JsonObject? Update(string userId, Action<JsonObject> change)
    {
        JsonObject copy;
        lock (_lock)
        {
            if (!_users.TryGetValue(userId, out var user))
            {
                return null;
            }

            change(user);
            user["updated_at"] = time.GetUtcNow().ToUnixTimeMilliseconds();
            copy = Copy(user);
        }

        Changed?.Invoke("user.updated", Copy(copy));
        return copy;
    }

    /// <returns>What <c>user.deleted</c> says; null when there is no such user.</returns>
    public JsonObject? Delete(string userId)
    {
        lock (_lock)
        {
            if (!_users.Remove(userId))
            {
                return null;
            }

            _passwords.Remove(userId);
        }

        var deleted = new JsonObject { ["id"] = userId, ["object"] = "user", ["deleted"] = true };
        Changed?.Invoke("user.deleted", Copy(deleted));
        return deleted;
    }

    private static JsonObject Copy(JsonObject user) => user.DeepClone().AsObject();
}
