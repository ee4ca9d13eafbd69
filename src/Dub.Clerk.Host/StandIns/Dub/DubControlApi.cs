using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.StandIns;

/// <summary><c>/_stand-in</c>: what other processes read of the stand-in and tell it. None of this is Dub's.</summary>
internal static class DubControlApi
{
    public static void MapStandInControl(this IEndpointRouteBuilder web)
    {
        var group = web.MapGroup("/_stand-in");
        group.MapGet("/leads", Leads);
        group.MapGet("/calls", Calls);
        group.MapGet("/faults", (FaultPlan faults) => Respond(new DubFaultsReply(faults.Injected, faults.Chances), DubControlJson.Default.DubFaultsReply));
        group.MapPost("/faults", (HttpRequest request, FaultPlan faults)
            => ReadAsync(request, DubControlJson.Default.DubFaultsRequest, asked => Apply(asked, faults)));
        group.MapPost("/clicks", (HttpRequest request, DubControl control)
            => ReadAsync(request, DubControlJson.Default.DubClicksRequest, asked => Plant(asked, control)));
        group.MapPost("/settings", (HttpRequest request, DubStandInOptions options)
            => ReadAsync(request, DubControlJson.Default.DubSettingsRequest, asked => Apply(asked, options)));
        group.MapPost("/reset", (DubControl control) =>
        {
            control.Reset();
            return TypedResults.NoContent();
        });
    }

    private static IResult Leads(DubWorkspace workspace)
    {
        lock (workspace.Gate)
        {
            return Respond(
                [.. workspace.Leads.Select(lead => new DubLeadReply(lead.CustomerExternalId, lead.EventName, lead.ClickId, lead.RecordedAt))],
                DubControlJson.Default.DubLeadReplyArray);
        }
    }

    private static IResult Calls(DubCalls calls) => Respond(
        new DubCallsReply(
            calls.Total, calls.ByPath,
            [.. calls.ByCustomer.Select(pair => new DubCallReply(pair.Key.Path, pair.Key.Customer, pair.Key.Mode, pair.Value))]),
        DubControlJson.Default.DubCallsReply);

    private static IResult Plant(DubClicksRequest asked, DubControl control) => Respond(
        new DubClicksReply(control.PlantClicks(asked.Ids ?? Enumerable.Range(0, asked.Count).Select(_ => Ids.NewEvent()), asked.At)),
        DubControlJson.Default.DubClicksReply);

    private static IResult Apply(DubFaultsRequest asked, FaultPlan faults)
    {
        if (asked.Clear)
        {
            faults.Clear();
        }

        if (asked.Storm is { } storm)
        {
            faults.SetStorm(storm, asked.Path);
        }

        foreach (var (kind, probability) in asked.Chances ?? new Dictionary<FaultKind, double>())
        {
            faults.Set(kind, probability, asked.Path);
        }

        faults.Script(asked.Path, asked.Script ?? []);
        return TypedResults.NoContent();
    }

    private static IResult Apply(DubSettingsRequest asked, DubStandInOptions options)
    {
        foreach (var time in (TimeSpan?[])[asked.Window, asked.RecordingDelay, asked.IngestionLag, asked.HoldAtMost])
        {
            if (time is { } length && (length < TimeSpan.Zero || length > TimeSpan.FromDays(40)))
            {
                return DubReply.BadRequest($"'{length}' is no length of time that can be waited for: 0 to 40 days.");
            }
        }

        options.Key = asked.Key ?? options.Key;
        options.Limit = asked.Limit ?? options.Limit;
        options.Window = asked.Window ?? options.Window;
        options.EventsLimit = asked.EventsLimit ?? options.EventsLimit;
        options.RecordingDelay = asked.RecordingDelay ?? options.RecordingDelay;
        options.IngestionLag = asked.IngestionLag ?? options.IngestionLag;
        options.HoldAtMost = asked.HoldAtMost ?? options.HoldAtMost;
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, Func<T, IResult> apply)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, type, request.HttpContext.RequestAborted) is { } asked
                ? apply(asked)
                : DubReply.BadRequest("Send a JSON object.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return DubReply.BadRequest(e.Message);
        }
    }

    private static IResult Respond<T>(T reply, JsonTypeInfo<T> type) => TypedResults.Json(reply, type);
}

/// <summary>A recorded lead.</summary>
internal sealed record DubLeadReply(string CustomerExternalId, string EventName, string ClickId, DateTimeOffset RecordedAt);

/// <summary>How often it was called.</summary>
internal sealed record DubCallsReply(int Total, IReadOnlyDictionary<string, int> ByPath, IReadOnlyList<DubCallReply> ByCustomer);

/// <summary>How often one kind of call came.</summary>
internal sealed record DubCallReply(string Path, string? Customer, string? Mode, int Count);

/// <summary>How calls failed so far, and how likely they fail.</summary>
internal sealed record DubFaultsReply(
    IReadOnlyDictionary<FaultKind, int> Injected, IReadOnlyDictionary<string, IReadOnlyDictionary<FaultKind, double>> Chances);

/// <summary>How calls are to fail. Every part may be left out; see <see cref="FaultPlan"/>.</summary>
internal sealed record DubFaultsRequest(
    string? Path, bool Clear, double? Storm, IReadOnlyDictionary<FaultKind, double>? Chances, FaultKind?[]? Script);

/// <summary>Clicks to make: these, or that many.</summary>
internal sealed record DubClicksRequest(string[]? Ids, int Count, DateTimeOffset? At);

/// <summary>The clicks that were made.</summary>
internal sealed record DubClicksReply(IReadOnlyList<string> ClickIds);

/// <summary>What to change of <see cref="DubStandInOptions"/>.</summary>
internal sealed record DubSettingsRequest(
    DubKeyState? Key, int? Limit, TimeSpan? Window, int? EventsLimit, TimeSpan? RecordingDelay, TimeSpan? IngestionLag, TimeSpan? HoldAtMost);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(DubLeadReply[]))]
[JsonSerializable(typeof(DubCallsReply))]
[JsonSerializable(typeof(DubFaultsReply))]
[JsonSerializable(typeof(DubFaultsRequest))]
[JsonSerializable(typeof(DubClicksRequest))]
[JsonSerializable(typeof(DubClicksReply))]
[JsonSerializable(typeof(DubSettingsRequest))]
internal sealed partial class DubControlJson : JsonSerializerContext;
