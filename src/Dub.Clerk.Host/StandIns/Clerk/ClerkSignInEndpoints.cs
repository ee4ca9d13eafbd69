namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Signing in with a password.</summary>
internal sealed class ClerkSignInEndpoints(ClerkServer clerk, ClerkResources resources, TimeProvider time)
{
    public IResult Create(ClerkBrowser client, ClerkFrontendRequest request, string id)
    {
        if (client.Active is not null)
        {
            return ClerkErrors.Create(StatusCodes.Status400BadRequest, "session_exists", "You're already signed in.");
        }

        if (request["identifier"] is not { } identifier || clerk.Users.FindByEmail(identifier) is null)
        {
            return ClerkErrors.Unprocessable("form_identifier_not_found", "identifier", "Couldn't find your account.");
        }

        client.SignIn = new ClerkSignIn(identifier);
        return Advance(client, client.SignIn, request);
    }

    public IResult Attempt(ClerkBrowser client, ClerkFrontendRequest request, string id) => client.SignIn is { } signIn && signIn.Id == id
        ? Advance(client, signIn, request)
        : ClerkErrors.NotFound("sign in attempt");

    private IResult Advance(ClerkBrowser client, ClerkSignIn signIn, ClerkFrontendRequest request)
    {
        if (request["password"] is { } password)
        {
            var userId = (string?)clerk.Users.FindByEmail(signIn.Identifier)?["id"];
            if (userId is null || !clerk.Users.HasPassword(userId, password))
            {
                return ClerkErrors.Unprocessable("form_password_incorrect", "password", "Password is incorrect. Try again, or use another method.");
            }

            signIn.Created = client.Begin(userId, time.GetUtcNow());
        }

        var reply = resources.Reply(resources.SignIn(signIn), client, request.Origin);
        client.SignIn = signIn.Created is null ? signIn : null;
        return reply;
    }
}
