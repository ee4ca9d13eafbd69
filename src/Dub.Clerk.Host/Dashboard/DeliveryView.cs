using System.Globalization;
using Dub.Clerk.Host.Api;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>A delivery as the pages show it.</summary>
public sealed record DeliveryView
{
    public required string Destination { get; init; }

    public required int Partition { get; init; }

    public required string Item { get; init; }

    public required string What { get; init; }

    public required string State { get; init; }

    public string? Stage { get; init; }

    public string? Customer { get; init; }

    public DateTimeOffset? At { get; init; }

    public int Attempts { get; init; }

    public string? Error { get; init; }

    public IReadOnlyList<CallView> History { get; init; } = [];

    /// <summary>Its own among all.</summary>
    public string Key => $"{Destination}/{Partition}/{Item}";

    internal static DeliveryView Of(DeliveryResponse delivery) => new()
    {
        Destination = delivery.Destination,
        Partition = delivery.Partition,
        Item = delivery.Item,
        What = Deliveries.WhatOf(delivery.Item),
        State = delivery.State,
        Stage = delivery.Stage,
        Customer = delivery.Customer,
        At = Time(delivery.At),
        Attempts = delivery.Attempts,
        Error = delivery.Error,
        History = [.. delivery.History.Select(call => new CallView(Time(call.At), call.Call ?? string.Empty, call.Outcome ?? string.Empty, call.Detail))],
    };

    private static DateTimeOffset? Time(string? text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
}

/// <summary>A call that was made for a delivery.</summary>
public sealed record CallView(DateTimeOffset? At, string Call, string Outcome, string? Detail);
