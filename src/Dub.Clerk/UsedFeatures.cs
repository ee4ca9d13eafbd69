namespace Dub.Clerk;

/// <summary>Which parts the app uses, noted by <c>UseDubClerk</c> and <c>MapClerkWebhooks</c>, so that start-up demands only their settings.</summary>
internal sealed class UsedFeatures
{
    public bool Sessions { get; set; }

    public bool Webhooks { get; set; }
}
