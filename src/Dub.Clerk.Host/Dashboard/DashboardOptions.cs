namespace Dub.Clerk.Host.Dashboard;

/// <summary>Who may look, beside those who hold the API key or see the console.</summary>
internal sealed record DashboardOptions
{
    /// <summary>Stands in <see cref="PersonalData"/> for whoever signed in with the API key or the console's link.</summary>
    public const string KeyHolder = "key";

    /// <summary>Stands in <see cref="PersonalData"/> for whoever signed in with a read-only key.</summary>
    public const string Reader = "read-key";

    /// <summary>Stands in <see cref="PersonalData"/> alone: nobody.</summary>
    public const string Nobody = "nobody";

    /// <summary><c>DubClerk:Dashboard:Users</c>: the Clerk users who may sign in with their session. Default none.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary><c>DubClerk:Dashboard:PersonalData</c>: who may have names and e-mail addresses shown, which are hidden until asked for: Clerk user ids,
    /// <see cref="KeyHolder"/>, <see cref="Reader"/>, <see cref="Nobody"/>. Default <see cref="KeyHolder"/>.</summary>
    public IReadOnlyList<string> PersonalData { get; init; } = [KeyHolder];

    public static DashboardOptions Read(IConfiguration configuration)
    {
        var personal = HostSettings.List(configuration, "DubClerk:Dashboard:PersonalData", text => text.Trim());
        return new DashboardOptions
        {
            Users = HostSettings.List(configuration, "DubClerk:Dashboard:Users", text => text.Trim()),
            PersonalData = personal.Count > 0 ? personal : [KeyHolder],
        };
    }

    public IEnumerable<string> Faults(bool sessions)
    {
        if (Users.Count > 0 && !sessions)
        {
            yield return "DubClerk:Dashboard:Users names Clerk users, whose sessions can only be checked with CLERK_PUBLISHABLE_KEY. Set it, or leave the users out.";
        }

        foreach (var user in Users.Where(user => !IsUserId(user)))
        {
            yield return $"DubClerk:Dashboard:Users has '{user}', which is no Clerk user id. Write one such as user_2abcDEF.";
        }

        foreach (var who in PersonalData.Where(who => who is not (KeyHolder or Reader or Nobody) && !IsUserId(who)))
        {
            yield return $"DubClerk:Dashboard:PersonalData has '{who}'. Write {KeyHolder}, {Reader}, {Nobody}, or Clerk user ids such as user_2abcDEF.";
        }
    }

    private static bool IsUserId(string text) => text.StartsWith("user_", StringComparison.Ordinal);
}
