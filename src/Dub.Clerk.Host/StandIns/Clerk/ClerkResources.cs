using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>The objects of Clerk's Frontend API, as its browser code reads them.</summary>
internal sealed class ClerkResources(ClerkServer clerk, TimeProvider time)
{
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromDays(7);

    /// <summary>What an answer holds beside what was asked for: the browser replaces all it knows by it.</summary>
    public IResult Reply(JsonNode? response, ClerkBrowser? client, string? origin) =>
        ClerkErrors.Json(new JsonObject { ["response"] = response, ["client"] = client is null ? null : Client(client, origin) });

    public JsonObject Client(ClerkBrowser client, string? origin) => new()
    {
        ["object"] = "client",
        ["id"] = client.Id,
        ["sessions"] = new JsonArray([.. client.Sessions.Select(session => Session(session, origin))]),
        ["sign_up"] = client.SignUp is { } signUp ? SignUp(signUp) : null,
        ["sign_in"] = client.SignIn is { } signIn ? SignIn(signIn) : null,
        ["last_active_session_id"] = client.Active?.Id,
        ["captcha_bypass"] = false,
        ["cookie_expires_at"] = null,
        ["created_at"] = client.CreatedAt.ToUnixTimeMilliseconds(),
        ["updated_at"] = client.UpdatedAt.ToUnixTimeMilliseconds(),
    };

    public JsonObject Session(ClerkSession session, string? origin) => new()
    {
        ["object"] = "session",
        ["id"] = session.Id,
        ["status"] = "active",
        ["actor"] = null,
        ["tasks"] = null,
        ["factor_verification_age"] = new JsonArray(0, -1),
        ["last_active_organization_id"] = null,
        ["last_active_at"] = session.LastActiveAt.ToUnixTimeMilliseconds(),
        ["expire_at"] = (session.CreatedAt + SessionLifetime).ToUnixTimeMilliseconds(),
        ["abandon_at"] = (session.CreatedAt + SessionLifetime).ToUnixTimeMilliseconds(),
        ["created_at"] = session.CreatedAt.ToUnixTimeMilliseconds(),
        ["updated_at"] = session.LastActiveAt.ToUnixTimeMilliseconds(),
        ["user"] = User(session.UserId),
        ["last_active_token"] = Token(session, origin),
    };

    /// <summary>The user as the browser may know it: without what is private to servers.</summary>
    public JsonObject? User(string userId)
    {
        var user = clerk.Users.Find(userId);
        user?.Remove("private_metadata");
        return user;
    }

    public JsonObject Token(ClerkSession session, string? origin) => new() { ["object"] = "token", ["jwt"] = Mint(session, origin) };

    public string Mint(ClerkSession session, string? origin) => clerk.Instance.MintSessionToken(
        session.UserId, time.GetUtcNow(), origin, clerk.Users.Find(session.UserId)?["public_metadata"]?.AsObject(), session.Id);

    public JsonObject SignUp(ClerkSignUp signUp)
    {
        var unverified = clerk.EmailCodes && signUp is { Email: not null, IsVerified: false };
        return new JsonObject
        {
            ["object"] = "sign_up_attempt",
            ["id"] = signUp.Id,
            ["status"] = signUp.Created is null ? "missing_requirements" : "complete",
            ["required_fields"] = new JsonArray("email_address", "password"),
            ["optional_fields"] = new JsonArray(),
            ["missing_fields"] = new JsonArray([.. MissingFields(signUp).Select(field => (JsonNode)field)]),
            ["unverified_fields"] = unverified ? new JsonArray("email_address") : new JsonArray(),
            ["verifications"] = new JsonObject
            {
                ["email_address"] = signUp.Email is null || !clerk.EmailCodes ? null : new JsonObject
                {
                    ["status"] = unverified ? "unverified" : "verified",
                    ["strategy"] = "email_code",
                    ["attempts"] = signUp.Attempts,
                    ["expire_at"] = time.GetUtcNow().AddMinutes(10).ToUnixTimeMilliseconds(),
                    ["next_action"] = unverified ? "needs_attempt" : string.Empty,
                    ["supported_strategies"] = new JsonArray("email_code"),
                },
            },
            ["email_address"] = signUp.Email,
            ["first_name"] = signUp.FirstName,
            ["last_name"] = signUp.LastName,
            ["has_password"] = signUp.Password is not null,
            ["unsafe_metadata"] = signUp.UnsafeMetadata.DeepClone(),
            ["created_session_id"] = signUp.Created?.Id,
            ["created_user_id"] = signUp.Created?.UserId,
        };
    }

    public static IEnumerable<string> MissingFields(ClerkSignUp signUp)
    {
        if (signUp.Email is null)
        {
            yield return "email_address";
        }

        if (signUp.Password is null)
        {
            yield return "password";
        }
    }

    public JsonObject SignIn(ClerkSignIn signIn)
    {
        var user = clerk.Users.FindByEmail(signIn.Identifier);
        return new JsonObject
        {
            ["object"] = "sign_in_attempt",
            ["id"] = signIn.Id,
            ["status"] = signIn.Created is null ? "needs_first_factor" : "complete",
            ["supported_identifiers"] = new JsonArray("email_address"),
            ["supported_first_factors"] = new JsonArray(new JsonObject { ["strategy"] = "password" }),
            ["first_factor_verification"] = null,
            ["second_factor_verification"] = null,
            ["identifier"] = signIn.Identifier,
            ["user_data"] = new JsonObject { ["first_name"] = (string?)user?["first_name"], ["last_name"] = (string?)user?["last_name"], ["image_url"] = (string?)user?["image_url"], ["has_image"] = false },
            ["created_session_id"] = signIn.Created?.Id,
        };
    }

    public JsonObject Environment() => new()
    {
        ["auth_config"] = new JsonObject { ["object"] = "auth_config", ["single_session_mode"] = true },
        ["display_config"] = new JsonObject
        {
            ["object"] = "display_config",
            ["application_name"] = clerk.ApplicationName,
            ["instance_environment_type"] = "development",
            ["branded"] = false,
        },
        ["user_settings"] = new JsonObject
        {
            ["attributes"] = new JsonObject
            {
                ["email_address"] = new JsonObject
                {
                    ["enabled"] = true,
                    ["required"] = true,
                    ["used_for_first_factor"] = true,
                    ["first_factors"] = new JsonArray(),
                    ["verifications"] = clerk.EmailCodes ? new JsonArray("email_code") : new JsonArray(),
                    ["verify_at_sign_up"] = clerk.EmailCodes,
                },
                ["password"] = new JsonObject { ["enabled"] = true, ["required"] = true },
            },
            ["password_settings"] = new JsonObject(),
        },
    };
}
