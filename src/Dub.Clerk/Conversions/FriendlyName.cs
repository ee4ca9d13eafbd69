using System.Security.Cryptography;

namespace Dub.Clerk.Conversions;

/// <summary>What a customer is called who came with neither name nor e-mail address, so that people can tell customers apart.</summary>
internal static class FriendlyName
{
    private static readonly string[] Adjectives =
        ["Agile", "Bold", "Bright", "Calm", "Cheerful", "Clever", "Eager", "Gentle", "Happy", "Keen", "Kind", "Lively", "Merry", "Nimble", "Patient", "Proud", "Quiet", "Swift", "Warm", "Wise"];

    private static readonly string[] Colors =
        ["Amber", "Azure", "Blue", "Bronze", "Coral", "Crimson", "Gold", "Green", "Indigo", "Ivory", "Jade", "Lilac", "Olive", "Orange", "Pink", "Purple", "Red", "Silver", "Teal", "White"];

    private static readonly string[] Animals =
        ["Badger", "Bear", "Beaver", "Crane", "Deer", "Dolphin", "Eagle", "Falcon", "Finch", "Fox", "Hare", "Heron", "Koala", "Lynx", "Otter", "Owl", "Panda", "Raven", "Seal", "Wolf"];

    public static string Draw() => $"{Pick(Adjectives)} {Pick(Colors)} {Pick(Animals)}";

    private static string Pick(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
