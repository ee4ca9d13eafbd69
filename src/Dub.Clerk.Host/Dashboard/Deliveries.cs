using Dub.Clerk.Host.Api;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>How deliveries are called on the pages.</summary>
internal static class Deliveries
{
    /// <summary>What an item does.</summary>
    public static string WhatOf(string item) => item.Split(':')[0] switch
    {
        "lead" => "Send a lead to Dub",
        "proof" => "Ask Dub about a click",
        "sale" => "Send a sale to Dub",
        "metadata" => "Write the click to Clerk's metadata",
        "account" => "Ask Clerk for an account",
        "signup" => "Decide a sign-up",
        "erase" => "Erase a person",
        "forget" => "Have Dub delete a customer",
        var kind => kind,
    };

    public static string NameOf(string destination) => destination switch
    {
        "dub" => "Dub",
        "clerk" => "Clerk",
        _ => "This store",
    };

    /// <summary>Whether anything is sent, and if not, why.</summary>
    public static (SetupState State, string Said) StandingOf(OutboxSummary summary) => summary switch
    {
        { ClosedBecause: { } reason } => (SetupState.Broken, reason),
        { Served: false, Waiting: > 0 } => (SetupState.Waiting, "Nobody delivers to it, so what waits goes on waiting. " + KeyOf(summary.Destination)),
        { Served: false } => (SetupState.Optional, "Nobody delivers to it. " + KeyOf(summary.Destination)),
        { Dead: > 0 } => (SetupState.Waiting, "It takes what is sent. Some was given up: see the dead letters."),
        _ => (SetupState.Done, summary.Waiting == 0 ? "Nothing is left to do." : "It takes what is sent."),
    };

    private static string KeyOf(string destination) => destination == "dub" ? "Set DUB_API_KEY to have leads of Dub's links sent." : "Set CLERK_SECRET_KEY to have users told.";
}
