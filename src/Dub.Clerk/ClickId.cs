namespace Dub.Clerk;

/// <summary>A click's id: 16 ASCII letters and digits. Whatever else a browser sends is not a click.</summary>
internal static class ClickId
{
    public const int Length = 16;

    /// <summary>What Dub's documented install check puts in the cookie. It shows that the cookie works, and is never a click.</summary>
    public const string InstallCheck = "test";

    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length != Length)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                return false;
            }
        }

        return true;
    }
}
