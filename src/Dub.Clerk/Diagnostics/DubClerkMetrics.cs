using System.Diagnostics.Metrics;
using Dub.Clerk.Authentication;
using Dub.Clerk.Outbox;
using Dub.Clerk.Store;
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
    private readonly Counter<long> _outboxAttempts;
    private readonly OutboxDepth[] _outboxDepths = new OutboxDepth[Enum.GetValues<OutboxDestination>().Length];
    private readonly TimeProvider _time;

    public DubClerkMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(MeterName);
        _sessionTokens = meter.CreateCounter<long>("dubclerk.session_tokens", "{token}", "Session tokens checked, by outcome.");
        _jwksFetches = meter.CreateCounter<long>("dubclerk.jwks_fetches", "{fetch}", "Fetches of Clerk's key set, by success.");
        _webhookSignatures = meter.CreateCounter<long>("dubclerk.webhook_signatures", "{delivery}", "Webhook deliveries checked, by outcome.");
        _unrecordedClicks = meter.CreateCounter<long>("dubclerk.unrecorded_clicks", "{click}", "Clicks whose visitor was redirected although the store did not answer in time.");
        _outboxAttempts = meter.CreateCounter<long>("dubclerk.outbox.attempts", "{attempt}", "Attempts at outbox work, by destination and outcome.");
        meter.CreateObservableGauge("dubclerk.outbox.waiting", () => Observe(depth => depth.Waiting), "{customer}", "Customers with outbox work that is not done, by destination.");
        meter.CreateObservableGauge("dubclerk.outbox.dead", () => Observe(depth => depth.Dead), "{item}", "Dead letters, by destination.");
        meter.CreateObservableGauge("dubclerk.outbox.oldest", () => Observe(Age), "s", "How long the oldest outbox work has waited, by destination.");
    }

    public void OutboxAttempted(OutboxDestination destination, OutboxOutcome outcome)
    {
        if (_outboxAttempts.Enabled)
        {
            _outboxAttempts.Add(1, Tag(destination), new KeyValuePair<string, object?>("outcome", Enum.GetName(outcome)));
        }
    }

    public void OutboxMeasured(OutboxDestination destination, OutboxDepth depth)
    {
        lock (_outboxDepths)
        {
            _outboxDepths[(int)destination] = depth;
        }
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

    private static KeyValuePair<string, object?> Tag(OutboxDestination destination) => new("destination", Enum.GetName(destination));

    private long Age(OutboxDepth depth) => depth.OldestSince is { } since ? (long)(_time.GetUtcNow() - since).TotalSeconds : 0;

    private Measurement<long>[] Observe(Func<OutboxDepth, long> value)
    {
        lock (_outboxDepths)
        {
            return [.. Enum.GetValues<OutboxDestination>().Select(destination => new Measurement<long>(value(_outboxDepths[(int)destination]), Tag(destination)))];
        }
    }
}
