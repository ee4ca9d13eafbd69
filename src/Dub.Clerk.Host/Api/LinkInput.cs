using System.Globalization;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary>What a request says of a link. What it leaves out stays as it is.</summary>
internal sealed class LinkInput
{
    private const int MaxUrl = 32_000;
    private const int MaxText = 255;
    private const int MaxName = 190;
    private const int MaxTitle = 120;
    private const int MaxDescription = 240;
    private const int MaxComments = 10_000;
    private const int DefaultKeyLength = 7;
    private const int MinKeyLength = 3;
    private const string ExternalPrefix = "ext_";

    /// <summary>What Dub has and this server has not. To take it in silence would be to promise it.</summary>
    private static readonly (string Field, string What)[] Missing =
    [
        ("programId", "programs"), ("partnerId", "partners"), ("folderId", "folders"), ("password", "passwords on links"), ("rewrite", "link cloaking"),
        ("testVariants", "A/B tests"), ("webhookIds", "webhooks of single links"),
    ];

    private readonly List<(string Name, Given<string> Value)> _parameters = [];
    private string? _url;
    private string? _domain;
    private string? _key;
    private int _keyLength;
    private string? _prefix;
    private Given<string> _externalId;
    private Given<string> _tenantId;
    private bool? _trackConversion;
    private bool? _archived;
    private bool? _disabled;
    private bool? _proxy;
    private bool? _doIndex;
    private bool? _publicStats;
    private Given<string> _comments;
    private Given<string> _expiresAt;
    private Given<string> _expiredUrl;
    private Given<string> _title;
    private Given<string> _description;
    private Given<string> _image;
    private Given<string> _video;
    private Given<string> _ios;
    private Given<string> _android;
    private Given<IReadOnlyDictionary<string, string>> _geo;

    private LinkInput()
    {
    }

    /// <summary>Whether the key is to be drawn.</summary>
    public bool DrawsKey => _key is null;

    /// <param name="body">The request.</param>
    /// <param name="options">Which domains links may be on.</param>
    /// <param name="isNew">Whether a link is to be created: it needs a target.</param>
    /// <param name="isMany">Whether it is said of several links, which cannot have one name.</param>
    /// <returns>The input, or the first fault in it.</returns>
    public static (LinkInput? Input, DubFault? Fault) Read(JsonBody body, HostOptions options, bool isNew, bool isMany = false)
    {
        var input = new LinkInput();
        input.ReadFields(body, isNew, isMany);
        foreach (var (field, what) in Missing)
        {
            if (body.IsSet(field))
            {
                body.Refuse(DubErrors.Unprocessable($"custom: {field}: This server has no {what}."));
            }
        }

        var fault = body.Fault ?? CheckTags(body) ?? input.CheckName(options, isNew) ?? input.CheckTargets();
        return fault is null ? (input, null) : (null, fault);
    }

    /// <summary>A new link.</summary>
    /// <param name="options">The domain of links that name none.</param>
    /// <param name="trackConversion">Whether links that say nothing of it hand their clicks on.</param>
    /// <param name="now">When.</param>
    public Link Create(HostOptions options, bool trackConversion, DateTimeOffset now) => Apply(
        new Link
        {
            Id = Ids.NewRecord("link_", now),
            Domain = _domain ?? options.FindDomain(null)!,
            Key = _key ?? DrawKey(),
            Url = _url!,
            TrackConversion = trackConversion,
            CreatedAt = now,
            UpdatedAt = now,
        },
        now);

    /// <summary>The link as it shall be.</summary>
    public Link Apply(Link link, DateTimeOffset now) => link with
    {
        Domain = _domain ?? link.Domain,
        Key = _key ?? link.Key,
        Url = ComposeUrl(link.Url),
        ExternalId = _externalId.Or(link.ExternalId),
        TenantId = _tenantId.Or(link.TenantId),
        TrackConversion = _trackConversion ?? link.TrackConversion,
        Archived = _archived ?? link.Archived,
        DisabledAt = _disabled is { } disabled ? disabled ? link.DisabledAt ?? now : null : link.DisabledAt,
        Proxy = _proxy ?? link.Proxy,
        DoIndex = _doIndex ?? link.DoIndex,
        PublicStats = _publicStats ?? link.PublicStats,
        Comments = _comments.Or(link.Comments),
        ExpiresAt = _expiresAt.IsGiven ? ParseDate(_expiresAt.Value) : link.ExpiresAt,
        ExpiredUrl = _expiredUrl.Or(link.ExpiredUrl),
        Title = _title.Or(link.Title),
        Description = _description.Or(link.Description),
        Image = _image.Or(link.Image),
        Video = _video.Or(link.Video),
        Ios = _ios.Or(link.Ios),
        Android = _android.Or(link.Android),
        Geo = _geo.Or(link.Geo),
        UpdatedAt = now,
    };

    /// <summary>The target with the parameters of this request in it; a changed target keeps the link's own <c>utm_</c> values.</summary>
    public string ComposeUrl(string current)
    {
        var url = _url ?? current;
        if (_url is not null && _url != current)
        {
            var (kept, own) = (LinkAddress.ReadQuery(current), LinkAddress.ReadQuery(_url));
            foreach (var name in LinkAddress.UtmParameters.Where(name => kept.ContainsKey(name) && !own.ContainsKey(name)))
            {
                url = LinkAddress.SetParameter(url, name, kept[name]);
            }
        }

        return _parameters.Where(parameter => parameter.Value.IsGiven)
            .Aggregate(url, (composed, parameter) => LinkAddress.SetParameter(composed, parameter.Name, parameter.Value.Value));
    }

    /// <summary>What a link that is found by its target must lead to.</summary>
    public string Target => ComposeUrl(_url!);

    /// <summary>In the order of Dub's schema, because the first fault is the one that is reported.</summary>
    private void ReadFields(JsonBody body, bool isNew, bool isMany)
    {
        _url = body.Text("url", MaxUrl, required: isNew);
        if (!isMany)
        {
            _domain = Filled(body.Text("domain", MaxName));
            _key = Filled(body.Text("key", MaxName));
        }

        _keyLength = isNew ? body.Integer("keyLength", MinKeyLength, MaxName) ?? DefaultKeyLength : DefaultKeyLength;
        _externalId = isMany ? default : Strip(body.GivenText("externalId", MaxText, minLength: 1));
        _tenantId = Cleared(body.GivenText("tenantId", MaxText));
        _prefix = isNew ? body.Text("prefix", MaxName)?.Trim().Trim('/') : null;
        _trackConversion = body.Boolean("trackConversion");
        _publicStats = body.Boolean("publicStats");
        _archived = body.Boolean("archived");
        _disabled = body.Boolean("disabled");
        _comments = Cleared(body.GivenText("comments", MaxComments));
        _expiresAt = Cleared(body.GivenText("expiresAt", MaxText));
        _expiredUrl = Cleared(body.GivenText("expiredUrl", MaxUrl));
        _proxy = body.Boolean("proxy");
        _title = Cut(body.GivenText("title"), MaxTitle);
        _description = Cut(body.GivenText("description"), MaxDescription);
        _image = Cleared(body.GivenText("image", MaxUrl));
        _video = Cleared(body.GivenText("video", MaxUrl));
        _ios = Cleared(body.GivenText("ios", MaxUrl));
        _android = Cleared(body.GivenText("android", MaxUrl));
        _geo = body.GivenTexts("geo");
        _doIndex = body.Boolean("doIndex");
        foreach (var name in (IEnumerable<string>)[.. LinkAddress.UtmParameters, "ref"])
        {
            _parameters.Add((name, body.GivenText(name, MaxText, trim: true)));
        }
    }

    private static DubFault? CheckTags(JsonBody body)
    {
        foreach (var field in (ReadOnlySpan<string>)["tagIds", "tagId", "tagNames"])
        {
            if (body.Texts(field) is { Count: > 0 } tags)
            {
                return DubErrors.Unprocessable($"Invalid {(field == "tagNames" ? field : "tagIds")} detected: {string.Join(", ", tags)}");
            }
        }

        return body.Fault;
    }

    private DubFault? CheckName(HostOptions options, bool isNew)
    {
        if (_url is { Length: 0 })
        {
            return DubErrors.BadRequest("Missing destination URL");
        }

        if (_url is { } url && (_url = LinkAddress.ParseTarget(url)) is null)
        {
            return DubErrors.Unprocessable("Invalid destination URL");
        }

        var domain = options.FindDomain(_domain);
        if (domain is null && (isNew || _domain is not null))
        {
            return DubErrors.Forbidden("Domain does not belong to workspace. Name it in DubClerk:ShortDomains.");
        }

        // A link that an upsert finds stays on its domain.
        _domain = _domain is null ? null : domain;

        var key = _key ?? (string.IsNullOrEmpty(_prefix) ? null : DrawKey());
        return key is null ? null
            : !LinkAddress.IsValidKey(key) ? DubErrors.Unprocessable("Invalid key.")
            : ReservedKeys.Contains(key) ? DubErrors.Forbidden($"{key} is a reserved path and cannot be used as a short link.")
            : null;
    }

    private DubFault? CheckTargets()
    {
        if (_expiresAt.Value is { } text && ParseDate(text) is null)
        {
            return DubErrors.Unprocessable("Invalid expiration date.");
        }

        return Check(ref _expiredUrl, "Invalid expired URL.") ?? Check(ref _ios, "Invalid iOS URL.") ?? Check(ref _android, "Invalid Android URL.") ?? CheckGeo();

        static DubFault? Check(ref Given<string> url, string message)
        {
            if (url.Value is null)
            {
                return null;
            }

            url = new Given<string>(LinkAddress.ParseTarget(url.Value));
            return url.Value is null ? DubErrors.Unprocessable(message) : null;
        }
    }

    private DubFault? CheckGeo()
    {
        if (_geo.Value is not { } geo)
        {
            return null;
        }

        var parsed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (country, url) in geo)
        {
            if (country.Length != 2 || !country.All(char.IsAsciiLetter))
            {
                return DubErrors.Unprocessable($"custom: geo.{country}: Expected a country in two letters");
            }

            if (url.Length > MaxUrl || LinkAddress.ParseTarget(url) is not { } target)
            {
                return DubErrors.Unprocessable($"custom: geo.{country}: Invalid destination URL");
            }

            parsed[country.ToUpperInvariant()] = target;
        }

        _geo = new Given<IReadOnlyDictionary<string, string>>(parsed.Count == 0 ? null : parsed);
        return null;
    }

    private string DrawKey() => string.IsNullOrEmpty(_prefix) ? Ids.NewLinkKey(_keyLength) : $"{_prefix}/{Ids.NewLinkKey(_keyLength)}";

    private static DateTimeOffset? ParseDate(string? text)
        => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date : null;

    private static string? Filled(string? text) => text is { Length: > 0 } ? text : null;

    private static Given<string> Cleared(Given<string> text) => text.Value is { Length: 0 } ? new Given<string>(null) : text;

    private static Given<string> Strip(Given<string> id)
        => id.Value is { } text && text.StartsWith(ExternalPrefix, StringComparison.Ordinal) ? Cleared(new Given<string>(text[ExternalPrefix.Length..])) : id;

    /// <summary>Not through the middle of a character that takes two units.</summary>
    private static Given<string> Cut(Given<string> text, int length)
        => text.Value?.Length > length ? new Given<string>(text.Value[..(char.IsHighSurrogate(text.Value[length - 1]) ? length - 1 : length)]) : Cleared(text);
}
