using Dub.Clerk.Clerk;
using Dub.Clerk.Dub;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Asks Dub and Clerk whether they take our keys: for somebody whom nobody knows, which changes nothing there.</summary>
internal sealed class KeyCheck(DubClient dub, ClerkClient clerk, LiveOptions options)
{
    private const string Nobody = "user_dubclerkKeyCheck";

    public bool CanAsk => options.Current.DubApiKey is not null || options.Current.ClerkSecretKey is not null;

    /// <returns>A sentence for each key that is set.</returns>
    public async Task<IReadOnlyList<SetupStep>> AskAsync(CancellationToken cancellationToken)
    {
        var answers = new List<SetupStep>();
        if (options.Current.DubApiKey is not null)
        {
            var reply = await dub.FindLeadAsync(Nobody, _ => false, cancellationToken);
            answers.Add(reply.Outcome switch
            {
                DubOutcome.Accepted or DubOutcome.NotFound => new("Dub", SetupState.Done, "Dub takes DUB_API_KEY."),
                DubOutcome.Unauthorized => new("Dub", SetupState.Broken, $"Dub refuses DUB_API_KEY: {reply.Detail}"),
                _ => new("Dub", SetupState.Waiting, $"Dub did not say: {reply.Detail}"),
            });
        }

        if (options.Current.ClerkSecretKey is not null)
        {
            var reply = await clerk.GetUserAsync(Nobody, cancellationToken);
            answers.Add(reply.Outcome switch
            {
                ClerkOutcome.Accepted or ClerkOutcome.NotFound => new("Clerk", SetupState.Done, "Clerk takes CLERK_SECRET_KEY."),
                ClerkOutcome.Unauthorized => new("Clerk", SetupState.Broken, $"Clerk refuses CLERK_SECRET_KEY: {reply.Detail}"),
                _ => new("Clerk", SetupState.Waiting, $"Clerk did not say: {reply.Detail}"),
            });
        }

        return answers;
    }
}
