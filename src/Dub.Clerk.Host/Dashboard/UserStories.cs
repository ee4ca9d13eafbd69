using System.Text.Json;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;
using Dub.Clerk.SignUps;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Everything known of one user, for the person who asks why there is or is not a lead.</summary>
internal sealed class UserStories(SignUpJoin signUps, ClickStore clicks, CustomerStore customers, ConversionTracker conversions, OutboxDesk outbox, LiveOptions options)
{
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<UserStory> TellAsync(string userId)
    {
        var signUp = await signUps.ReadRecordAsync(userId);
        var status = await signUps.FindAsync(userId);
        var (home, customer) = await customers.ResolveAsync(userId);
        var leads = (await Task.WhenAll((await conversions.ListLeadIdsAsync(home)).Select(conversions.FindLeadAsync))).OfType<LeadEvent>().OrderBy(lead => lead.Timestamp).ToList();
        var known = await FindClicksAsync(signUp, customer);
        return new UserStory
        {
            UserId = userId,
            SignUp = signUp,
            Customer = customer,
            Clicks = known,
            Leads = leads,
            Deliveries = await outbox.DescribeAsync(userId),
            Explanation = Explanation.Of(signUp, status, known, leads.Count, options.Current),
        };
    }

    private async Task<IReadOnlyDictionary<string, Click>> FindClicksAsync(SignUpRecord? signUp, Customer? customer)
    {
        var found = new Dictionary<string, Click>(StringComparer.Ordinal);
        foreach (var id in new[] { signUp?.TrackedClick, signUp?.MetadataClick, signUp?.BrowserClick, signUp?.EarlierBrowserClick }.OfType<string>().Distinct())
        {
            var proof = signUp!.Proofs.GetValueOrDefault(id);
            var click = await clicks.FindAsync(id)
                ?? (proof is { Length: > 0 } ? JsonSerializer.Deserialize(proof, ConversionsJsonContext.Default.Click) : null)
                ?? (customer?.Click?.Id == id ? customer.Click : null);
            if (click is not null)
            {
                found[id] = click;
            }
        }

        if (customer?.Click is { } own)
        {
            found.TryAdd(own.Id, own);
        }

        return found;
    }
}
