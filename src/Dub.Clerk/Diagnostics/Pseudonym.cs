using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Diagnostics;

/// <summary>How logs call a Clerk user: twelve hexadecimal digits of the id's SHA-256, which who has the id can look for, and nobody can turn back,
/// because Clerk's ids cannot be guessed.</summary>
internal static class Pseudonym
{
    public static string Of(string userId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userId)).AsSpan(0, 6));
}
