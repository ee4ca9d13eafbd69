using System.Text.RegularExpressions;
using CsCheck;
using Dub.Clerk.Attribution;
using Dub.Clerk.Authentication;
using Microsoft.Extensions.Primitives;

namespace Dub.Clerk.Tests.Attribution;

/// <summary>Whatever a browser sends as cookies: what is read of it is what the plainest reading gives.</summary>
public sealed partial class CookiePropertyTests
{
    private const string Suffix = "AbCd-_12";

    private static readonly Gen<string> Name = Gen.OneOf(
        Gen.OneOf("dub_id", "dub_id", "DUB_ID", "dub_id2", "dub_partner_data", "__session", "__session_" + Suffix, "__session_abcd-_12", "__client_uat", "__client_uat_" + Suffix, "__session_", ""),
        Gen.String[0, 4]);

    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.OneOf(
            "abcdefGHIJ012345", "0000000000000000", "abcdefGHIJ01234", "abcdefGHIJ0123456", "abcdefGHIJ01234é", "abcdefGHIJ01234٣", "\"abcdefGHIJ012345\"", "\"\"abcdefGHIJ012345\"\"",
            "abcdefGHIJ%30345", "test", "", "\"", "\"\"", "=", "{\"a\":\"b,c\"}", "0", "1800000000"),
        Gen.String[Gen.Char["abcXYZ0189"], 16, 16],
        Gen.String[0, 6]);

    private static readonly Gen<string> Space = Gen.OneOf("", "", " ", "\t", " \t ", "\u00a0", "\n");

    private static readonly Gen<StringValues> Headers = Gen.Select(Space, Name, Space, Gen.OneOf("=", "=", "=", "", "=="), Space, Value, Space, Gen.OneOf("; ", ";", ",", "", ";;"))
        .Select(parts => string.Concat(parts.Item1, parts.Item2, parts.Item3, parts.Item4, parts.Item5, parts.Item6, parts.Item7, parts.Item8))
        .Array[0, 8].Select(string.Concat).Array[0, 3].Select(lines => new StringValues(lines));

    [Fact]
    public void ClickCookie_IsWhatAPlainReadingFinds() => Gen.Select(Headers, Gen.OneOf(AttributionModel.LastClick, AttributionModel.FirstClick)).Sample(
        (headers, model) =>
        {
            var values = Parse(headers).Where(cookie => cookie.Name == "dub_id" && cookie.Value.Length > 0).Select(cookie => cookie.Value).ToList();
            var clicks = values.Where(value => Click().IsMatch(value)).ToList();
            var expected = (model == AttributionModel.FirstClick ? clicks.FirstOrDefault() : clicks.LastOrDefault()) ?? values.FirstOrDefault();
            return ClickCookie.Read(headers, model) == expected
                && (expected is null || ClickCookie.IsClickOrInstallCheck(expected) == (expected == "test" || Click().IsMatch(expected)));
        },
        iter: Inputs.Count);

    [Fact]
    public void SessionCookies_AreWhatAPlainReadingFinds() => Gen.Select(Headers, Gen.OneOf(Suffix, Suffix, null!)).Sample(
        (headers, suffix) =>
        {
            var all = Parse(headers).ToList();
            var read = SessionCookies.Read(headers, suffix);
            return read.Session.SequenceEqual(First("__session"))
                && read.SignedInSince.SequenceEqual(First("__client_uat"))
                && read.SuffixedSession.SequenceEqual(suffix is null ? string.Empty : First("__session_" + suffix))
                && read.SuffixedSignedInSince.SequenceEqual(suffix is null ? string.Empty : First("__client_uat_" + suffix));

            string First(string name) => all.Find(cookie => cookie.Name == name).Value ?? string.Empty;
        },
        iter: Inputs.Count);

    [Fact]
    public void CookieByName_IsTheFirstThatHasAValue() => Gen.Select(Headers, Name).Sample(
        (headers, name) => CookieHeader.Find(headers, name) == Parse(headers).Where(cookie => cookie.Name == name && cookie.Value.Length > 0).Select(cookie => cookie.Value).FirstOrDefault(),
        iter: Inputs.Count);

    /// <summary>RFC 6265, section 5.4 read backwards, with regular expressions and lists.</summary>
    private static IEnumerable<(string Name, string Value)> Parse(StringValues headers)
        => headers.SelectMany(line => (line ?? string.Empty).Split(';')).Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2)
            .Select(pair => (pair[0].Trim(' ', '\t'), Quoted().Replace(pair[1].Trim(' ', '\t'), "$1")));

    [GeneratedRegex("^[0-9A-Za-z]{16}\\z")]
    private static partial Regex Click();

    [GeneratedRegex("\\A\"(.*)\"\\z", RegexOptions.Singleline)]
    private static partial Regex Quoted();
}
