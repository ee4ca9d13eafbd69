using System.ComponentModel;
using Dub.Clerk.SignUps;

namespace Dub.Clerk.Host.Api;

/// <summary>What became of a sign-up.</summary>
internal sealed record AttributionResponse(
    [property: Description("tracked, pending or not-attributed.")] string State,
    [property: Description("Why there is no lead, or not yet: unknown-user, awaiting-webhook, deciding, no-click, existing-user, outside-window, click-after-sign-up, invalid-click-id, unknown-click, no-consent, refused-by-app, store-unavailable.")] string? Reason,
    [property: Description("The reason in a sentence.")] string? Message,
    [property: Description("The click the lead is credited to, or the one that was considered.")] string? ClickId,
    [property: Description("The lead's event id.")] string? LeadId)
{
    public static AttributionResponse From(SignUpStatus signUp) => signUp.Reason == NoLeadReason.None
        ? new(signUp.State.Code(), null, null, signUp.ClickId, signUp.LeadId)
        : new(signUp.State.Code(), signUp.Reason.Code(), signUp.Detail ?? signUp.Reason.Sentence(), signUp.ClickId, signUp.LeadId);
}
