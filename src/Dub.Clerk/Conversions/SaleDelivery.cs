using System.Text.Json;
using System.Text.Json.Serialization;
using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.Conversions;

/// <summary>Brings a sale to Dub, after its customer's leads. It always carries an invoice, ours where it has none, so that Dub knows a repeat.</summary>
internal sealed class SaleDelivery(DubClient dub, TimeProvider time) : IOutboxHandler
{
    /// <summary>Dub takes a while until it shows a lead that it has taken, and without one it takes no sale.</summary>
    private static readonly TimeSpan[] UnknownLeadWaits = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromDays(1)];

    string IOutboxHandler.Kind => OutboxItem.SaleKind;

    public async Task<OutboxVerdict> HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        var state = SaleDeliveryState.Parse(claim.State);
        while (true)
        {
            var sale = state.Sale;
            var reply = await dub.TrackSaleAsync(
                new DubSale
                {
                    CustomerExternalId = sale.CustomerExternalId,
                    Amount = sale.Amount,
                    Currency = sale.Currency,
                    EventName = sale.EventName,
                    PaymentProcessor = sale.PaymentProcessor,
                    InvoiceId = sale.InvoiceId is { Length: > 0 } invoiceId ? invoiceId : "dubclerk_" + sale.Id,
                    LeadEventName = sale.LeadEventName,
                    Metadata = state.Without.Contains("metadata") ? null : sale.Metadata,
                },
                cancellationToken);
            var now = time.GetUtcNow();
            state = state.After(now, reply);
            switch (reply.Outcome)
            {
                case DubOutcome.Accepted:
                    return OutboxVerdict.Done(state.ToJson());
                case DubOutcome.NotFound:
                    state = state with { Unknown = state.Unknown + 1 };
                    return state.Unknown <= UnknownLeadWaits.Length
                        ? OutboxVerdict.Again(now + UnknownLeadWaits[state.Unknown - 1], reply.Detail, state.ToJson())
                        : OutboxVerdict.Dead(reply.Detail, state.ToJson());
                case DubOutcome.FieldRefused when !state.Without.Contains(reply.Field!):
                    state = state with { Without = [.. state.Without, reply.Field!] };
                    continue;
                case DubOutcome.Refused or DubOutcome.FieldRefused:
                    return OutboxVerdict.Dead(reply.Detail, state.ToJson());
                default:
                    return DubVerdict.Of(reply, now, state.ToJson());
            }
        }
    }
}

/// <summary>A sale on its way to Dub.</summary>
internal sealed record SaleDeliveryState
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required SaleEvent Sale { get; init; }

    /// <summary>How often Dub said that it does not know the customer or the lead.</summary>
    public int Unknown { get; init; }

    /// <summary>Optional fields that Dub refused, and that are left out.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    public IReadOnlyList<DeliveryAttempt> History { get; init; } = [];

    public static SaleDeliveryState Parse(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize(json.Span, ConversionsJsonContext.Default.SaleDeliveryState)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ConversionsJsonContext.Default.SaleDeliveryState);

    public SaleDeliveryState After(DateTimeOffset now, DubReply reply)
        => this with { History = DeliveryAttempt.Add(History, new DeliveryAttempt(now, "sale", reply.Outcome.ToString(), reply.Detail)) };
}
