using System.Security.Cryptography;

namespace Dub.Clerk.Host.StandIns;

/// <summary>What Dub calls a customer who gave neither name nor e-mail address.</summary>
internal static class DubNames
{
    private static readonly string[] Adjectives = ["Brave", "Calm", "Eager", "Gentle", "Lucky", "Quiet", "Swift", "Wise"];
    private static readonly string[] Colors = ["Amber", "Blue", "Coral", "Green", "Indigo", "Red", "Silver", "Violet"];
    private static readonly string[] Animals = ["Badger", "Falcon", "Heron", "Lynx", "Otter", "Raven", "Tiger", "Wombat"];

    public static string Next() => $"{Pick(Adjectives)} {Pick(Colors)} {Pick(Animals)}";

    private static string Pick(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
