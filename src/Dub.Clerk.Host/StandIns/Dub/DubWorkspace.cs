using System.Text.Json.Nodes;
using Dub.Clerk.Conversions;

namespace Dub.Clerk.Host.StandIns;

/// <summary>What Dub has stored: links, clicks, customers, leads, sales, and the keys against duplicates. In memory only; whoever reads or
/// changes it holds <see cref="Gate"/>.</summary>
internal sealed class DubWorkspace(DubStandInOptions options)
{
    public const string Id = "ws_standin";

    /// <summary>How long a lead's key is taken.</summary>
    private static readonly TimeSpan KeyRetention = TimeSpan.FromDays(7);

    /// <summary>How long a click is found by its id although it is not ingested yet.</summary>
    private static readonly TimeSpan ClickCache = TimeSpan.FromSeconds(300);

    private readonly Dictionary<string, DubClick> _clicks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DubCustomer> _customers = new(StringComparer.Ordinal);
    private readonly List<DubCustomer> _customersInOrder = [];
    private readonly List<DubLink> _links = [];
    private readonly List<DubLead> _leads = [];
    private readonly List<DubSale> _sales = [];

    public Lock Gate { get; } = new();

    public IReadOnlyList<DubLead> Leads => _leads;

    public IReadOnlyList<DubSale> Sales => _sales;

    public IReadOnlyList<DubCustomer> Customers => _customersInOrder;

    public IReadOnlyList<DubLink> Links => _links;

    public IReadOnlyCollection<DubClick> Clicks => _clicks.Values;

    public DateTimeOffset Now => options.Time.GetUtcNow();

    /// <summary>Takes a lead's key for seven days.</summary>
    /// <returns>Whether it was free.</returns>
    public bool TryTakeKey(string externalId, string eventName)
    {
        var key = $"{externalId}:{eventName.ToLowerInvariant().Replace(' ', '-')}";
        if (_keys.TryGetValue(key, out var until) && until > Now)
        {
            return false;
        }

        _keys[key] = Now + KeyRetention;
        return true;
    }

    /// <summary>The click, as far as Dub would find it now.</summary>
    public DubClick? FindClick(string id)
        => _clicks.TryGetValue(id, out var click) && (Now < click.Timestamp + ClickCache || IsIngested(click.Timestamp)) ? click : null;

    /// <summary>Whether <c>/events</c> shows what was recorded then.</summary>
    public bool IsIngested(DateTimeOffset recordedAt) => recordedAt + options.IngestionLag <= Now;

    public DubCustomer? FindCustomer(string externalId) => _customers.GetValueOrDefault(externalId);

    /// <summary>By <c>cus_…</c> or <c>ext_</c> and the external id.</summary>
    public DubCustomer? FindCustomerById(string id)
        => id.StartsWith("ext_", StringComparison.Ordinal) ? FindCustomer(id[4..]) : _customersInOrder.Find(customer => customer.Id == id);

    public DubCustomer AddCustomer(string externalId, string? name, string? email, string? avatar, DubClick click)
    {
        var customer = new DubCustomer
        {
            Id = Ids.NewRecord("cus_", Now),
            ExternalId = externalId,
            Name = name ?? email ?? DubNames.Next(),
            Email = email,
            Avatar = avatar,
            Click = click,
            CreatedAt = Now,
        };
        _customers.Add(externalId, customer);
        _customersInOrder.Add(customer);
        return customer;
    }

    /// <summary>What the customer brought stays.</summary>
    public void RemoveCustomer(DubCustomer customer)
    {
        _customers.Remove(customer.ExternalId);
        _customersInOrder.Remove(customer);
    }

    public DubLink? FindLink(string domain, string key)
        => _links.Find(link => link.Domain == domain && string.Equals(link.Key, key, StringComparison.OrdinalIgnoreCase));

    public DubLink AddLink(string domain, string key, string url, bool trackConversion, string? externalId = null)
    {
        var link = new DubLink
        {
            Id = Ids.NewRecord("link_", Now),
            Domain = domain,
            Key = key,
            Url = url,
            TrackConversion = trackConversion,
            ExternalId = externalId,
            CreatedAt = Now,
        };
        _links.Add(link);
        return link;
    }

    public void AddClick(DubClick click)
    {
        _clicks[click.Id] = click;
        click.Link.Clicks++;
        click.Link.LastClicked = click.Timestamp;
    }

    /// <summary>Records as many copies of the lead as its quantity says.</summary>
    public DubLead AddLeads(DubCustomer customer, DubClick click, string eventName, JsonObject? metadata, int quantity)
    {
        for (var copy = 0; copy < quantity; copy++)
        {
            var lead = new DubLead(Ids.NewEvent(), eventName, customer, click, Now) { Metadata = metadata };
            _leads.Add(lead);
            customer.Leads.Add(lead);
        }

        click.Link.Leads += quantity;
        return customer.Leads[^1];
    }

    public void AddSale(DubSale sale)
    {
        var (customer, link) = (sale.Customer, sale.Click.Link);
        _sales.Add(sale);
        link.Sales++;
        link.SaleAmount += sale.Amount;
        link.Conversions += customer.Sales == 0 ? 1 : 0;
        customer.Sales++;
        customer.SaleAmount += sale.Amount;
        customer.FirstSaleAt ??= sale.RecordedAt;
    }

    public void Clear()
    {
        _clicks.Clear();
        _keys.Clear();
        _customers.Clear();
        _customersInOrder.Clear();
        _links.Clear();
        _leads.Clear();
        _sales.Clear();
    }
}
