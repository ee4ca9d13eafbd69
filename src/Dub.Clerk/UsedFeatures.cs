using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk;

/// <summary>Which parts the app uses, noted by <c>UseDubClerk</c> and <c>MapClerkWebhooks</c>, so that start-up demands only their settings.</summary>
internal sealed class UsedFeatures
{
    public bool Sessions { get; set; }

    public bool Webhooks { get; set; }

    public bool DubWebhooks { get; set; }

    /// <exception cref="InvalidOperationException"><c>AddDubClerk</c> was not called.</exception>
    public static UsedFeatures Of(IServiceProvider services) => services.GetService<UsedFeatures>()
        ?? throw new InvalidOperationException("Dub.Clerk is not registered. Add builder.Services.AddDubClerk() before builder.Build().");
}
