using System.Text.Json;
using System.Text.Json.Serialization;
using Dub.Clerk.Conversions;
using Dub.Clerk.Dub;
using Dub.Clerk.Outbox;

namespace Dub.Clerk.SignUps;

/// <summary>Asks Dub whether a click that we have no record of exists. The sign-up is decided when it has answered.</summary>
internal sealed class ClickProof(SignUpJoin signUps, DubClient dub, LiveOptions options, TimeProvider time) : IOutboxHandler
{
    string IOutboxHandler.Kind => OutboxItem.ProofKind;

    public async Task<OutboxVerdict> HandleAsync(OutboxClaim claim, CancellationToken cancellationToken)
    {
        var state = ClickProofState.Parse(claim.State);
        if (await signUps.ReadRecordAsync(state.UserId) is not { IsTracked: false, CreatedAt: { } createdAt } signUp)
        {
            return OutboxVerdict.Done();
        }

        var reply = await dub.DeferLeadAsync(
            new DubLead
            {
                ClickId = state.ClickId,
                EventName = options.Current.LeadEventName,
                CustomerExternalId = state.UserId,
                CustomerName = signUp.Name,
                CustomerEmail = signUp.Email,
                CustomerAvatar = signUp.Avatar,
                Without = state.Without,
            },
            cancellationToken);
        var now = time.GetUtcNow();
        state = state with { History = DeliveryAttempt.Add(state.History, new DeliveryAttempt(now, "deferred", reply.Outcome.ToString(), reply.Detail)) };
        switch (reply.Outcome)
        {
            case DubOutcome.Accepted when reply.Link is { } link:
                // When it was made is not said; at the latest when the account was.
                await signUps.ProvedAsync(
                    state.UserId,
                    new Click
                    {
                        Id = state.ClickId,
                        Timestamp = createdAt,
                        LinkId = link.Id,
                        Domain = link.Domain,
                        Key = link.Key,
                        Url = link.Url ?? string.Empty,
                        FromDub = true,
                    },
                    cancellationToken);
                return OutboxVerdict.Done();
            case DubOutcome.NotFound when state.Unknown < LeadDelivery.UnknownClickWaits.Count:
                return OutboxVerdict.Again(now + LeadDelivery.UnknownClickWaits[state.Unknown], reply.Detail, (state with { Unknown = state.Unknown + 1 }).ToJson());
            case DubOutcome.NotFound:
                await signUps.DisprovedAsync(state.UserId, state.ClickId, cancellationToken);
                return OutboxVerdict.Done();
            case DubOutcome.FieldRefused when !state.Without.Contains(reply.Field!):
                return OutboxVerdict.Again(now, reply.Detail, (state with { Without = [.. state.Without, reply.Field!] }).ToJson());
            case DubOutcome.Refused or DubOutcome.FieldRefused:
                return OutboxVerdict.Dead(reply.Detail, state.ToJson());
            default:
                return DubVerdict.Of(reply, now, state.ToJson());
        }
    }
}

/// <summary>A question to Dub.</summary>
internal sealed record ClickProofState
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = 1;

    public required string UserId { get; init; }

    public required string ClickId { get; init; }

    /// <summary>How often Dub said that it does not know the click.</summary>
    public int Unknown { get; init; }

    public IReadOnlyList<string> Without { get; init; } = [];

    public IReadOnlyList<DeliveryAttempt> History { get; init; } = [];

    public static ClickProofState Parse(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize(json.Span, SignUpsJsonContext.Default.ClickProofState)!;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SignUpsJsonContext.Default.ClickProofState);
}

/// <summary>How questions to Dub, and what an app adds to a lead, are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ClickProofState))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class SignUpsJsonContext : JsonSerializerContext;
