using Dub.Clerk.Store;

namespace Dub.Clerk.Conversions;

/// <summary>Leads and sales as Dub's API defines them, over the atomic changes of <see cref="ConversionTracker"/> and <see cref="SaleTracker"/>.</summary>
internal sealed class ConversionService(
    ConversionTracker leads, SaleTracker sales, CustomerStore customers, Tombstones tombstones, ClickStore clicks, DubClicks dubClicks, LinkCache links, EventLog events,
    StoreSchema schema, LiveOptions options, TimeProvider time)
    : IConversions
{
    /// <summary>The lead of a sale whose customer was not known, in Dub's words.</summary>
    private const string DirectLead = "Direct sale tracking lead event";

    /// <inheritdoc/>
    public Task<LeadResult> TrackLeadAsync(Lead lead, CancellationToken cancellationToken = default) => TrackLeadAsync(lead, mayAskDub: true, cancellationToken);

    /// <param name="lead">What to record.</param>
    /// <param name="mayAskDub">Whether Dub is asked about a click that nobody recorded here. Not for callers whom nobody knows: each question is a call
    /// that deliveries then cannot make.</param>
    /// <param name="cancellationToken">Stops before the lead is recorded.</param>
    public async Task<LeadResult> TrackLeadAsync(Lead lead, bool mayAskDub, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lead);
        ConversionLimits.Check(lead);
        await schema.CheckAsync();

        // What can be asked for at once is: the round trips are most of what a lead takes.
        var resolving = customers.ResolveAsync(lead.CustomerExternalId);
        var finding = lead.ClickId is { Length: > 0 } ? clicks.FindAsync(lead.ClickId) : null;
        var (home, customer) = await resolving;
        var found = finding is null ? null : await finding;
        if ((lead.ClickId is { Length: > 0 } given ? given : customer?.ClickId) is not { } clickId)
        {
            return new LeadResult(ConversionOutcome.UnknownCustomer);
        }

        var duplicate = new LeadResult(ConversionOutcome.Duplicate) { ClickId = clickId, Customer = customer };
        var (click, link, refusal) = await FindClickAsync(clickId, found, customer);
        if ((click is null || refusal is not null) && !lead.IsDeferred && await leads.HasLeadAsync(home, lead.EventName))
        {
            // What was recorded once is a duplicate, whatever has become of its click. Whoever recorded it may have created the customer since we looked.
            return duplicate with { Customer = customer ?? await customers.FindAsync(lead.CustomerExternalId) };
        }

        lead = lead with { CustomerName = NameOf(lead.CustomerName, lead.CustomerEmail) };
        var isProven = click is null && mayAskDub;
        if (isProven && await tombstones.ExistsAsync(home))
        {
            // Dub would learn of the customer by the question.
            return new LeadResult(ConversionOutcome.ErasedCustomer) { ClickId = clickId };
        }

        if (isProven)
        {
            (click, refusal) = await dubClicks.AskAsync(clickId, home, lead, cancellationToken);
        }

        if (click is null || refusal is not null)
        {
            return new LeadResult(refusal ?? ConversionOutcome.UnknownClick) { ClickId = clickId, LinkId = click?.LinkId, Customer = customer };
        }

        cancellationToken.ThrowIfCancellationRequested();
        var result = new LeadResult(ConversionOutcome.Recorded) { ClickId = clickId, LinkId = click.LinkId, Click = click, Link = link };
        if (lead.IsDeferred)
        {
            customer ??= await customers.CreateAsync(new NewCustomer
            {
                ExternalId = lead.CustomerExternalId,
                Home = home,
                Click = click,
                Name = lead.CustomerName,
                Email = lead.CustomerEmail,
                Avatar = lead.CustomerAvatar,
            });
            return customer is null
                ? new LeadResult(ConversionOutcome.ErasedCustomer) { ClickId = clickId }
                : result with { Outcome = ConversionOutcome.Deferred, Customer = customer };
        }

        var recorded = await leads.TrackLeadAsync(new LeadRequest
        {
            CustomerExternalId = home,
            RequestedExternalId = lead.CustomerExternalId,
            Click = click,
            IsClickProven = isProven,
            EventName = lead.EventName,
            Quantity = lead.Quantity,
            CustomerName = lead.CustomerName,
            CustomerEmail = lead.CustomerEmail,
            CustomerAvatar = lead.CustomerAvatar,
            Metadata = lead.Metadata,
        });
        if (recorded.IsErased)
        {
            return new LeadResult(ConversionOutcome.ErasedCustomer) { ClickId = clickId };
        }

        customer = recorded.Newcomer ?? customer ?? await customers.FindAsync(lead.CustomerExternalId);
        return recorded.IsNew ? result with { LeadId = recorded.LeadId, Customer = customer } : duplicate with { Customer = customer };
    }

    /// <inheritdoc/>
    public Task<SaleResult> TrackSaleAsync(Sale sale, CancellationToken cancellationToken = default) => TrackSaleAsync(sale, mayAskDub: true, cancellationToken);

    /// <param name="sale">What to record.</param>
    /// <param name="mayAskDub">As for a lead.</param>
    /// <param name="cancellationToken">Stops before the sale is recorded.</param>
    public async Task<SaleResult> TrackSaleAsync(Sale sale, bool mayAskDub, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sale);
        ConversionLimits.Check(sale);
        await schema.CheckAsync();
        if (sale.InvoiceId is { Length: > 0 } invoiceId && await sales.FindInvoiceAsync(invoiceId) is { } before)
        {
            return await DescribeAsync(before, ConversionOutcome.Duplicate);
        }

        if (Money.ToCents(sale.Amount, sale.Currency, options.Current.ExchangeRates) is not { } cents)
        {
            return new SaleResult(ConversionOutcome.UnknownCurrency);
        }

        var (home, customer) = await customers.ResolveAsync(sale.CustomerExternalId);
        if (cents == 0)
        {
            return new SaleResult(ConversionOutcome.Nothing) { Customer = customer };
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (customer is null)
        {
            if (string.IsNullOrEmpty(sale.ClickId))
            {
                return new SaleResult(ConversionOutcome.UnknownCustomer);
            }

            var direct = await TrackDirectLeadAsync(sale, mayAskDub, cancellationToken);
            if (direct is { Outcome: not (ConversionOutcome.Recorded or ConversionOutcome.Duplicate) } or { Customer: null })
            {
                return new SaleResult(direct.Customer is null && direct.Outcome == ConversionOutcome.Duplicate ? ConversionOutcome.UnknownCustomer : direct.Outcome) { LinkId = direct.LinkId };
            }

            (home, customer) = (direct.Customer.Home, direct.Customer);
        }
        else if (customer.Click is not { FromDub: true } && await JudgeLinkAsync(customer.LinkId) is { } refusal)
        {
            return new SaleResult(refusal) { Customer = customer, LinkId = customer.LinkId };
        }

        if (await FindLeadClickAsync(customer, sale) is not { } click)
        {
            return new SaleResult(ConversionOutcome.UnknownLead) { Customer = customer };
        }

        var (recorded, isNew) = await sales.RecordAsync(new SaleEvent
        {
            Id = Ids.NewEvent(StoreKeys.ShardOf(home)),
            EventName = sale.EventName,
            Timestamp = time.GetUtcNow(),
            CustomerExternalId = home,
            Click = click,
            Amount = cents,
            Currency = Money.Dollars,
            PaymentProcessor = sale.PaymentProcessor,
            InvoiceId = string.IsNullOrEmpty(sale.InvoiceId) ? null : sale.InvoiceId,
            LeadEventName = sale.LeadEventName,
            Metadata = sale.Metadata,
        });
        return recorded is null
            ? new SaleResult(ConversionOutcome.UnknownCustomer)
            : await DescribeAsync(recorded, isNew ? ConversionOutcome.Recorded : ConversionOutcome.Duplicate);
    }

    /// <inheritdoc/>
    public Task<Customer?> FindCustomerAsync(string externalId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(externalId);
        return customers.FindAsync(externalId).WaitAsync(cancellationToken);
    }

    /// <summary>A lead for a customer who comes with the sale. One that the ledger has already, of a customer who was deleted since, leaves the customer to be
    /// created.</summary>
    private async Task<LeadResult> TrackDirectLeadAsync(Sale sale, bool mayAskDub, CancellationToken cancellationToken)
    {
        var lead = new Lead
        {
            CustomerExternalId = sale.CustomerExternalId,
            EventName = string.IsNullOrWhiteSpace(sale.LeadEventName) ? DirectLead : sale.LeadEventName,
            ClickId = sale.ClickId,
            CustomerName = sale.CustomerName,
            CustomerEmail = sale.CustomerEmail,
            CustomerAvatar = sale.CustomerAvatar,
            Metadata = sale.Metadata,
        };
        var result = await TrackLeadAsync(lead, mayAskDub, cancellationToken);
        return result is { Outcome: ConversionOutcome.Duplicate, Customer: null }
            ? await TrackLeadAsync(lead with { IsDeferred = true }, mayAskDub, cancellationToken) is { Outcome: ConversionOutcome.Deferred } created ? created with { Outcome = ConversionOutcome.Duplicate } : result
            : result;
    }

    private async ValueTask<(Click? Click, Link? Link, ConversionOutcome? Refusal)> FindClickAsync(string clickId, Click? found, Customer? customer)
    {
        var click = customer?.Click?.Id == clickId ? customer.Click : found ?? await clicks.FindAsync(clickId);
        if (click is null or { FromDub: true })
        {
            return (click, null, null);
        }

        var link = await links.FindByIdAsync(click.LinkId);
        return (click, link, Judge(link));
    }

    private async Task<ConversionOutcome?> JudgeLinkAsync(string? linkId) => Judge(linkId is null ? null : await links.FindByIdAsync(linkId));

    private static ConversionOutcome? Judge(Link? link)
        => link is null ? ConversionOutcome.UnknownLink : link.DisabledAt is not null ? ConversionOutcome.DisabledLink : null;

    /// <summary>The click of the customer's latest lead, or of the one that was named. A lead may be older than the log: the ledger knows it still.</summary>
    private async Task<Click?> FindLeadClickAsync(Customer customer, Sale sale)
    {
        var homes = new[] { customer.Home, sale.CustomerExternalId }.Distinct(StringComparer.Ordinal);
        var ids = (await Task.WhenAll(homes.Select(leads.ListLeadsAsync))).SelectMany(found => found).ToList();
        if (sale.LeadEventName is { Length: > 0 } name)
        {
            ids = [.. ids.Where(lead => lead.Field == ConversionTracker.LedgerField(name))];
        }

        var found = (await Task.WhenAll(ids.Select(async lead => await events.FindLeadAsync(lead.LeadId)))).OfType<LeadEvent>().MaxBy(lead => lead.Timestamp);
        return found?.Click ?? (ids.Count > 0 ? customer.Click : null);
    }

    private async Task<SaleResult> DescribeAsync(SaleEvent sale, ConversionOutcome outcome) => new(outcome)
    {
        Sale = sale,
        SaleId = sale.Id,
        Amount = sale.Amount,
        EventName = sale.EventName,
        LinkId = sale.Click.LinkId,
        Customer = await customers.FindAsync(sale.CustomerExternalId),
    };

    private static string NameOf(string? name, string? email) => !string.IsNullOrEmpty(name) ? name : !string.IsNullOrEmpty(email) ? email : FriendlyName.Draw();
}
