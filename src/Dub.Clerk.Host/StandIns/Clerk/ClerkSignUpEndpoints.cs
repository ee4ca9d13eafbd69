namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>Signing up, with a password and, where the instance asks for one, with a code from an e-mail. No e-mail is sent: the code is
/// Clerk's own for test addresses.</summary>
internal sealed class ClerkSignUpEndpoints(ClerkServer clerk, ClerkResources resources, TimeProvider time)
{
    public const string Code = "424242";
    private const int MinimumPassword = 8;

    public IResult Create(ClerkBrowser client, ClerkFrontendRequest request, string id)
    {
        if (client.Active is not null)
        {
            return ClerkErrors.Create(StatusCodes.Status400BadRequest, "session_exists", "You're already signed in.");
        }

        var signUp = new ClerkSignUp();
        return Take(signUp, request) ?? Advance(client, client.SignUp = signUp, request);
    }

    public IResult Change(ClerkBrowser client, ClerkFrontendRequest request, string id) =>
        Find(client, id) is not { } signUp ? NotFound() : Take(signUp, request) ?? Advance(client, signUp, request);

    public IResult Prepare(ClerkBrowser client, ClerkFrontendRequest request, string id) =>
        Find(client, id) is not { } signUp ? NotFound() : resources.Reply(resources.SignUp(signUp), client, request.Origin);

    public IResult Attempt(ClerkBrowser client, ClerkFrontendRequest request, string id)
    {
        if (Find(client, id) is not { } signUp)
        {
            return NotFound();
        }

        signUp.Attempts++;
        if (request["code"] != Code)
        {
            return ClerkErrors.Unprocessable("form_code_incorrect", "code", "Incorrect code.");
        }

        signUp.IsVerified = true;
        return Advance(client, signUp, request);
    }

    private static ClerkSignUp? Find(ClerkBrowser client, string id) => client.SignUp is { Created: null } signUp && signUp.Id == id ? signUp : null;

    private static IResult NotFound() => ClerkErrors.NotFound("sign up attempt");

    /// <summary>Takes over what the form says.</summary>
    private IResult? Take(ClerkSignUp signUp, ClerkFrontendRequest request)
    {
        if (request["email_address"] is { } email)
        {
            if (clerk.Users.FindByEmail(email) is not null)
            {
                return ClerkErrors.Unprocessable("form_identifier_exists", "email_address", "That email address is taken. Please try another.");
            }

            signUp.IsVerified = signUp.IsVerified && signUp.Email == email;
            signUp.Email = email;
        }

        if (request["password"] is { } password)
        {
            if (password.Length < MinimumPassword)
            {
                return ClerkErrors.Unprocessable("form_password_length_too_short", "password", "Passwords must be 8 characters or more.");
            }

            signUp.Password = password;
        }

        signUp.FirstName = request["first_name"] ?? signUp.FirstName;
        signUp.LastName = request["last_name"] ?? signUp.LastName;
        signUp.UnsafeMetadata = request.Object("unsafe_metadata") ?? signUp.UnsafeMetadata;
        return null;
    }

    /// <summary>Completes the sign-up when nothing is missing any more.</summary>
    private IResult Advance(ClerkBrowser client, ClerkSignUp signUp, ClerkFrontendRequest request)
    {
        if (!ClerkResources.MissingFields(signUp).Any() && (signUp.IsVerified || !clerk.EmailCodes))
        {
            var userId = ClerkStandIn.NewId("user");
            clerk.Users.Create(
                userId, firstName: signUp.FirstName, lastName: signUp.LastName, email: signUp.Email, unsafeMetadata: signUp.UnsafeMetadata,
                password: signUp.Password);
            signUp.Created = client.Begin(userId, time.GetUtcNow());
        }

        var reply = resources.Reply(resources.SignUp(signUp), client, request.Origin);
        client.SignUp = signUp.Created is null ? signUp : null;
        return reply;
    }
}
