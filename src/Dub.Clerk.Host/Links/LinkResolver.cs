using Dub.Clerk.Conversions;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Links;

/// <summary>Finds the link a visitor follows. While the store is slow or away, links that were followed before still lead where they led.</summary>
internal sealed class LinkResolver(LinkCache links, HostOptions options, TimeProvider time)
{
    /// <returns>The link; null when there is none.</returns>
    /// <exception cref="StoreException">The store did not answer, and the link is not known from before.</exception>
    public ValueTask<Link?> FindAsync(string domain, string key)
    {
        var finding = links.FindAsync(domain, key);
        return finding.IsCompletedSuccessfully ? finding : new(FindInTimeAsync(finding.AsTask(), domain, key));
    }

    private async Task<Link?> FindInTimeAsync(Task<Link?> finding, string domain, string key)
    {
        try
        {
            return links.Recall(domain, key) is null ? await finding : await finding.WaitAsync(options.RedirectPatience, time);
        }
        catch (Exception e) when (e is StoreException or TimeoutException && links.Recall(domain, key) is not null)
        {
            return links.Recall(domain, key);
        }
    }
}
