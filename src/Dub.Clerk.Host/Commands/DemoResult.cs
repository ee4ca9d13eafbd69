using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Commands;

/// <summary>What became of one of the demo's visitors.</summary>
/// <param name="Who">What happened.</param>
/// <param name="State">What the host says of it.</param>
/// <param name="Reason">Why there is no lead.</param>
/// <param name="Leads">How many leads the event log has for it.</param>
/// <param name="IsSignUp">Whether somebody really signed up.</param>
/// <param name="Fault">How it differs from what must be; null when it does not.</param>
internal sealed record DemoResult(string Who, string State, string? Reason, int Leads, bool IsSignUp, string? Fault);

/// <summary>How many came how far.</summary>
internal sealed record DemoFunnel(int Clicks, int SignUps, int Leads);

/// <summary>What the demo came to.</summary>
internal sealed record DemoOutcome(IReadOnlyList<DemoResult> Cases, DemoFunnel Funnel)
{
    /// <summary>Whether everything came out as it must.</summary>
    public bool Passed => Cases.All(result => result.Fault is null);
}

[JsonSerializable(typeof(DemoOutcome))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class DemoJsonContext : JsonSerializerContext;
