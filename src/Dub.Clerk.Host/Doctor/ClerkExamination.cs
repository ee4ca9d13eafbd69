using Dub.Clerk.Authentication;

namespace Dub.Clerk.Host.Doctor;

/// <summary>Whether Clerk takes the secret key, and whether all keys are of one instance.</summary>
internal sealed class ClerkExamination(DubClerkOptions options, ClerkKeySets keySets) : IExamination
{
    private const string Copy = "Copy it again from the Clerk Dashboard, page API keys, of the instance that the publishable key names.";

    public string Subject => "Clerk";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var published = keySets.Address is null ? null : await keySets.PublishedAsync(cancellationToken);
        return [Published(published), .. JwtKey(published), await SecretKeyAsync(published, cancellationToken)];
    }

    private async Task<Finding> SecretKeyAsync(KeySetAnswer? published, CancellationToken cancellationToken)
    {
        if (options.ClerkSecretKey is null)
        {
            return Finding.NotChecked("CLERK_SECRET_KEY is not set, so tracked users get no dubClickId and lost webhooks are not made up for.");
        }

        if (!KeyForms.Fits("CLERK_SECRET_KEY", options.ClerkSecretKey))
        {
            return Finding.NotChecked("CLERK_SECRET_KEY is no secret key of Clerk's, so it is not shown to Clerk.");
        }

        var (answer, keys) = await keySets.OfSecretKeyAsync(cancellationToken);
        return answer switch
        {
            { Failure: { } failure } => Finding.NotChecked($"Clerk's API could not be asked, because {failure}; CLERK_SECRET_KEY is not checked."),
            { Status: 401 or 403 } => Finding.Fault("Clerk refuses CLERK_SECRET_KEY.", Copy),
            { Status: 200 } when keys.Count == 0 => Finding.Fault("What answers at CLERK_API_URL is not Clerk's API.", "Leave CLERK_API_URL out, for https://api.clerk.com."),
            { Status: 200 } when published is { Keys.Count: > 0 } && !published.IsOfSameInstance(keys)
                => Finding.Fault("CLERK_SECRET_KEY belongs to another Clerk instance than CLERK_PUBLISHABLE_KEY.", "Copy both from one instance in the Clerk Dashboard, page API keys."),
            { Status: 200 } => Finding.Ok("Clerk takes CLERK_SECRET_KEY."),
            _ => Finding.NotChecked($"Clerk did not say whether it takes CLERK_SECRET_KEY: it answered {answer.Status}."),
        };
    }

    private Finding Published(KeySetAnswer? published) => published switch
    {
        null => Finding.NotChecked("No publishable key is set, so no Clerk instance could be asked for its keys."),
        { Answer.Failure: { } failure } => Finding.NotChecked($"The instance's keys could not be fetched, because {failure}; the keys are not compared."),
        { Keys.Count: > 0 } => Finding.Ok($"The instance's keys are at {keySets.Address}."),
        _ => Finding.Fault(
            $"{keySets.Address} answers {published.Answer.Status} and has no key that signs session tokens.",
            options.JwksAddress is null ? "Copy CLERK_PUBLISHABLE_KEY again from the Clerk Dashboard, page API keys; a new production instance needs its DNS records first." : "Leave DubClerk:JwksAddress out."),
    };

    private IEnumerable<Finding> JwtKey(KeySetAnswer? published)
    {
        if (options.JwtKey is null || !PemKeys.TryParse(options.JwtKey, out var pem, out _))
        {
            yield break;
        }

        yield return published is not { Keys.Count: > 0 } ? Finding.NotChecked("CLERK_JWT_KEY could not be compared with the instance's keys.")
            : published.IsOfSameInstance(pem.Current.Keys) ? Finding.Ok("CLERK_JWT_KEY is a key of the instance.")
            : Finding.Fault("CLERK_JWT_KEY is no key of the instance that CLERK_PUBLISHABLE_KEY names, so every session is refused.", $"{Copy} Or leave CLERK_JWT_KEY out: the keys are then fetched.");
    }
}
