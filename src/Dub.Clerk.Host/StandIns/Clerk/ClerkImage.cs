namespace Dub.Clerk.Host.StandIns.Clerk;

/// <summary>An avatar for users who have none: a face of one colour.</summary>
internal static class ClerkImage
{
    private static readonly string[] Colours = ["#0f766e", "#1d4ed8", "#6d28d9", "#be185d", "#b45309"];

    public static string Of(string userId)
    {
        var colour = Colours[userId.Sum(character => character) % Colours.Length];
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" fill="{colour}"/><g fill="#fff" fill-opacity=".9"><circle cx="40" cy="31" r="14"/><path d="M12 80c0-18 12-29 28-29s28 11 28 29z"/></g></svg>
            """;
    }
}
