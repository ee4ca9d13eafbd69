using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Sessions: fresh tokens, who is signed in, and signing out.</summary>
internal sealed class ClerkSessionEndpoints(ClerkServer clerk, ClerkResources resources, TimeProvider time)
{
    private static readonly string[] Names = ["first_name", "last_name"];

    public IResult Touch(ClerkBrowser client, ClerkFrontendRequest request, string sessionId)
    {
        if (client.Find(sessionId) is not { } session)
        {
            return ClerkErrors.NotFound("session");
        }

        session.LastActiveAt = time.GetUtcNow();
        return resources.Reply(resources.Session(session, request.Origin), client, request.Origin);
    }

    public IResult Token(ClerkBrowser client, ClerkFrontendRequest request, string sessionId) => client.Find(sessionId) is { } session
        ? ClerkErrors.Json(resources.Token(session, request.Origin))
        : ClerkErrors.NotFound("session");

    public IResult End(ClerkBrowser client, ClerkFrontendRequest request, string sessionId)
    {
        if (client.Find(sessionId) is not { } session)
        {
            return ClerkErrors.NotFound("session");
        }

        var ended = resources.Session(session, request.Origin);
        ended["status"] = "ended";
        client.End(session, time.GetUtcNow());
        return resources.Reply(ended, client, request.Origin);
    }

    public IResult EndAll(ClerkBrowser client, ClerkFrontendRequest request, string id)
    {
        client.End(session: null, time.GetUtcNow());
        return resources.Reply(resources.Client(client, request.Origin), client: null, request.Origin);
    }

    public IResult Me(ClerkBrowser client, ClerkFrontendRequest request, string id) => client.Active is { } session
        ? resources.Reply(resources.User(session.UserId), client, request.Origin)
        : SignedOut();

    public IResult ChangeMe(ClerkBrowser client, ClerkFrontendRequest request, string id) => Change(client, request, user =>
    {
        foreach (var name in Names)
        {
            user[name] = request[name] ?? (string?)user[name];
        }

        user["unsafe_metadata"] = request.Object("unsafe_metadata")?.DeepClone() ?? user["unsafe_metadata"]!.DeepClone();
    });

    public IResult MergeMyMetadata(ClerkBrowser client, ClerkFrontendRequest request, string id) => Change(client, request, user =>
        ClerkMetadata.Merge(user, new JsonObject { ["unsafe_metadata"] = request.Object("unsafe_metadata")?.DeepClone() }));

    private IResult Change(ClerkBrowser client, ClerkFrontendRequest request, Action<JsonObject> change)
    {
        if (client.Active is not { } session)
        {
            return SignedOut();
        }

        clerk.Users.Update(session.UserId, change);
        return resources.Reply(resources.User(session.UserId), client, request.Origin);
    }

    private static IResult SignedOut() => ClerkErrors.Create(StatusCodes.Status401Unauthorized, "authentication_invalid", "Unable to authenticate the request, you need to sign in.");
}
