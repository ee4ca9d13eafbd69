using System.Diagnostics.Metrics;
using Dub.Clerk.Authentication;
using Dub.Clerk.Webhooks;

namespace Dub.Clerk.Diagnostics;

/// <summary>The instruments of the meter <c>Dub.Clerk</c>. Tags have few values: outcomes, never ids.</summary>
internal sealed class DubClerkMetrics
{
    public const string MeterName = "Dub.Clerk";

    private readonly Counter<long> _sessionTokens;
    private readonly Counter<long> _jwksFetches;
    private readonly Counter<long> _webhookSignatures;
    private readonly Counter<long> _unrecordedClicks;

    public DubClerkMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _sessionTokens = meter.CreateCounter<long>("dubclerk.session_tokens", "{token}", "Session tokens checked, by outcome.");
        _jwksFetches = meter.CreateCounter<long>("dubclerk.jwks_fetches", "{fetch}", "Fetches of Clerk's key set, by success.");
        _webhookSignatures = meter.CreateCounter<long>("dubclerk.webhook_signatures", "{delivery}", "Webhook deliveries checked, by outcome.");
        _unrecordedClicks = meter.CreateCounter<long>("dubclerk.unrecorded_clicks", "{click}", "Clicks whose visitor was redirected although the store did not answer in time.");
    }

    public void ClickUnrecorded() => _unrecordedClicks.Add(1);

    public void SessionTokenChecked(SessionTokenOutcome outcome)
    {
        if (_sessionTokens.Enabled)
        {
            _sessionTokens.Add(1, new KeyValuePair<string, object?>("outcome", Enum.GetName(outcome)));
        }
    }

    public void JwksFetched(bool succeeded)
    {
        if (_jwksFetches.Enabled)
        {
            _jwksFetches.Add(1, new KeyValuePair<string, object?>("outcome", succeeded ? "Fetched" : "Failed"));
        }
    }

    public void WebhookChecked(WebhookVerificationResult outcome)
    {
        if (_webhookSignatures.Enabled)
        {
            _webhookSignatures.Add(1, new KeyValuePair<string, object?>("outcome", Enum.GetName(outcome)));
        }
    }
}
