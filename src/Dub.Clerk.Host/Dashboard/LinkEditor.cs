using System.Text.Json;
using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Api;
using Dub.Clerk.Store;

namespace Dub.Clerk.Host.Dashboard;

/// <summary>Creates and changes links from the form, by the API's own rules and words.</summary>
internal sealed class LinkEditor(LinkWriter writer, LinkStore links, LinkDefaults defaults, HostOptions options)
{
    /// <summary>The domains to choose from; empty where any will do.</summary>
    public IReadOnlyList<string> Domains => options.ShortDomains;

    /// <summary>An empty form.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<LinkDraft> NewAsync()
        => new() { Domain = options.FindDomain(null) ?? string.Empty, TrackConversion = await defaults.TrackConversionAsync() };

    /// <returns>The link, or why not.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async Task<(Link? Link, string? Fault)> CreateAsync(LinkDraft draft)
    {
        var json = JsonSerializer.SerializeToNode(draft.ChangesFrom(new LinkDraft()))!.AsObject();
        json["url"] ??= string.Empty;
        json["trackConversion"] = draft.TrackConversion;
        var (input, fault) = Read(json, isNew: true);
        return input is null ? (null, fault) : Answer(await writer.CreateAsync(input));
    }

    /// <inheritdoc cref="CreateAsync"/>
    public async Task<(Link? Link, string? Fault)> ChangeAsync(Link link, LinkDraft draft)
    {
        var (input, fault) = Read(JsonSerializer.SerializeToNode(draft.ChangesFrom(LinkDraft.Of(link)))!.AsObject(), isNew: false);
        return input is null ? (null, fault) : Answer(await writer.UpdateAsync(link.Id, input));
    }

    /// <inheritdoc cref="CreateAsync"/>
    public async Task<(Link? Link, string? Fault)> SetTrackConversionAsync(string linkId, bool value)
    {
        var (input, fault) = Read(new JsonObject { ["trackConversion"] = value }, isNew: false);
        return input is null ? (null, fault) : Answer(await writer.UpdateAsync(linkId, input));
    }

    /// <returns>False when there is none.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<bool> DeleteAsync(string linkId) => links.DeleteAsync(linkId);

    /// <returns>Null when there is none.</returns>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public Task<Link?> FindAsync(string linkId) => links.FindByIdAsync(linkId);

    private (LinkInput? Input, string? Fault) Read(JsonObject json, bool isNew)
    {
        using var body = JsonBody.Of(JsonSerializer.SerializeToElement(json));
        var (input, fault) = LinkInput.Read(body, options, isNew);
        return (input, fault is null ? null : Say(fault));
    }

    private static (Link? Link, string? Fault) Answer((Link? Link, DubFault? Fault) result) => (result.Link, result.Fault is { } fault ? Say(fault) : null);

    /// <summary>Without the code that the API's messages begin with: "too_big: url: …".</summary>
    private static string Say(DubFault fault)
    {
        var colon = fault.Message.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 && fault.Message.AsSpan(0, colon).IndexOf(' ') < 0 ? fault.Message[(colon + 2)..] : fault.Message;
    }
}
