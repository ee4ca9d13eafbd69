using System.ComponentModel;
using Dub.Clerk.Conversions;
using Dub.Clerk.Host.Links;

namespace Dub.Clerk.Host.Api;

/// <summary><c>/customers</c>: whom leads were recorded for.</summary>
internal static class CustomersApi
{
    private const string ExternalPrefix = "ext_";
    private const int MaxExternalId = 1000;

    private static readonly DubFault NotFound = DubErrors.NotFound(
        "Customer not found. Make sure you're using the correct customer ID (e.g. `cus_3TagGjzRzmsFJdH8od2BNCsc`) or external ID (has to be prefixed with `ext_`).");

    public static void MapCustomers(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/customers").WithTags("Customers");
        group.MapGet("/", ListAsync).WithName("getCustomers").WithSummary("List customers")
            .Produces<CustomerResponse[]>().Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapGet("/count", CountAsync).WithName("getCustomersCount").WithSummary("Count customers").Produces<long>();
        group.MapGet("/{id}", GetAsync).WithName("getCustomer").WithSummary("Retrieve a customer by its id, or ext_ and your id")
            .Produces<CustomerResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
        group.MapPatch("/{id}", UpdateAsync).WithName("updateCustomer").WithSummary("Change a customer")
            .Accepts<UpdateCustomerRequest>("application/json").Produces<CustomerResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound)
            .Produces<ErrorResponse>(StatusCodes.Status409Conflict).Produces<ErrorResponse>(StatusCodes.Status422UnprocessableEntity);
        group.MapDelete("/{id}", DeleteAsync).WithName("deleteCustomer").WithSummary("Delete a customer; leads and sales stay, without a name")
            .Produces<DeletedCustomerResponse>().Produces<ErrorResponse>(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, CustomerStore customers, CustomerList list, LinkStore links,
        [Description("Exactly this address; wins over externalId and search.")] string? email,
        [Description("Exactly this id of yours; wins over search.")] string? externalId,
        [Description("Customers whose name, address or your id contains this.")] string? search,
        [Description("Customers whom this link brought.")] string? linkId,
        [Description("ISO 3166-1, two letters.")] string? country,
        [Description("createdAt, saleAmount, firstSaleAt or subscriptionCanceledAt.")][DefaultValue("createdAt")] string? sortBy,
        [Description("desc or asc.")][DefaultValue("desc")] string? sortOrder,
        [Description("true: with the link.")][DefaultValue("false")] string? includeExpandedFields,
        [Description("Page, 1 to 1000.")][DefaultValue("1")] string? page,
        [Description("Customers per page, 1 to 100.")][DefaultValue("100")] string? pageSize,
        [Description("Instead of a page: the id of a customer, to list those after it.")] string? startingAfter,
        [Description("Instead of a page: the id of a customer, to list those before it.")] string? endingBefore,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields(context.Request.Query);
        var query = Query(fields);
        var order = fields.Option("sortBy", ["createdAt", "saleAmount", "firstSaleAt", "subscriptionCanceledAt"], "createdAt")!;
        var ascending = fields.Option("sortOrder", ["desc", "asc"], "desc") == "asc";
        var expanded = fields.Boolean("includeExpandedFields");
        var number = fields.Number("page", "Page", 1, int.MaxValue);
        var take = fields.Number("pageSize", "Page size", Paging.MaxPageSize, Paging.MaxPageSize);
        if ((fields.Fault ?? Paging.Check(fields, order, number)) is { } fault)
        {
            return fault;
        }

        if (query is { Email: null } && fields.Text("externalId") is { } external)
        {
            var one = await customers.FindAsync(external);
            IReadOnlyList<Customer> found = one is not null && number == 1 && (query with { Search = null }).Matches(one) ? [one] : [];
            return await RespondAsync(context, links, found, expanded);
        }

        if ((fields.Text("startingAfter") ?? fields.Text("endingBefore")) is { } cursor)
        {
            return await customers.FindByIdAsync(cursor) is not { } next
                ? DubErrors.Unprocessable("Invalid cursor: the provided ID does not exist.")
                : await RespondAsync(context, links, await list.ListNextToAsync(query, next, fields.Has("endingBefore"), ascending, take, cancellationToken), expanded);
        }

        var skip = (number - 1) * take;
        var listed = order == "createdAt"
            ? await list.ListAsync(query, ascending, skip, take, cancellationToken)
            : await list.ListByAsync(query, customer => Rank(customer, order), ascending, skip, take, cancellationToken);
        return listed is null
            ? DubErrors.Unprocessable($"custom: sortBy: More than {CustomerList.MaxRanked} customers match. Name a linkId or a country.")
            : await RespondAsync(context, links, listed, expanded);
    }

    private static async Task<IResult> CountAsync(
        HttpContext context, CustomerStore customers, CustomerList list,
        [Description("Exactly this address.")] string? email,
        [Description("Exactly this id of yours.")] string? externalId,
        [Description("What the name, address or your id contains.")] string? search,
        [Description("Customers whom this link brought.")] string? linkId,
        [Description("ISO 3166-1, two letters.")] string? country,
        CancellationToken cancellationToken)
    {
        var fields = new QueryFields(context.Request.Query);
        var query = Query(fields);
        var count = query is { Email: null } && fields.Text("externalId") is { } external
            ? await customers.FindAsync(external) is { } one && (query with { Search = null }).Matches(one) ? 1 : 0
            : await list.CountAsync(query, cancellationToken);
        return TypedResults.Json(count, ApiJsonContext.Default.Int64);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, CustomerStore customers, LinkStore links, [Description("The customer's id, or ext_ and your id.")] string id,
        [Description("true: with the link.")][DefaultValue("false")] string? includeExpandedFields)
    {
        var fields = new QueryFields(context.Request.Query);
        var expanded = fields.Boolean("includeExpandedFields");
        if (fields.Fault is { } fault)
        {
            return fault;
        }

        return await FindAsync(customers, id) is { } customer
            ? TypedResults.Json(await DescribeAsync(context, links, customer, expanded), ApiJsonContext.Default.CustomerResponse)
            : NotFound;
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext context, CustomerStore customers, LinkStore links, [Description("The customer's id, or ext_ and your id.")] string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(customers, id) is not { } customer)
        {
            return NotFound;
        }

        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        using (body)
        {
            if (body is null)
            {
                return unreadable!;
            }

            var (hasEmail, email) = (body.Has("email"), body.Email("email"));
            var name = body.GivenText("name", Profile.MaxLength);
            var avatar = body.GivenText("avatar");
            var externalId = body.GivenText("externalId", MaxExternalId, minLength: 1, trim: true);
            if (avatar.Value is { } url && Profile.FitAvatar(url) is null)
            {
                body.Refuse(DubErrors.Unprocessable("invalid_format: avatar: Invalid URL"));
            }

            if (body.Fault is { } fault)
            {
                return fault;
            }

            var updated = await customers.UpdateAsync(customer.Id, before => before with
            {
                Name = name.Or(before.Name),
                Email = hasEmail ? email : before.Email,
                Avatar = avatar.Or(before.Avatar),
                ExternalId = externalId.Value ?? before.ExternalId,
            });
            return updated is false ? DubErrors.Conflict("A customer with this external ID already exists.")
                : updated is true && await customers.FindByIdAsync(customer.Id) is { } after
                    ? TypedResults.Json(await DescribeAsync(context, links, after, expanded: false), ApiJsonContext.Default.CustomerResponse)
                : NotFound;
        }
    }

    private static async Task<IResult> DeleteAsync(CustomerStore customers, [Description("The customer's id, or ext_ and your id.")] string id)
        => await FindAsync(customers, id) is { } customer && await customers.DeleteAsync(customer.Id)
            ? TypedResults.Json(new DeletedCustomerResponse(customer.Id), ApiJsonContext.Default.DeletedCustomerResponse)
            : NotFound;

    /// <summary>An address wins over a search.</summary>
    private static CustomerQuery Query(QueryFields fields) => new()
    {
        Email = fields.Text("email"),
        LinkId = fields.Text("linkId"),
        Country = fields.Text("country")?.ToUpperInvariant(),
        Search = fields.Has("email") ? null : fields.Text("search"),
    };

    private static long Rank(Customer customer, string order) => order switch
    {
        "saleAmount" => customer.SaleAmount,
        "firstSaleAt" => customer.FirstSaleAt?.ToUnixTimeMilliseconds() ?? 0,
        _ => 0,
    };

    private static Task<Customer?> FindAsync(CustomerStore customers, string id)
    {
        id = RouteId.Decode(id);
        return id.StartsWith(ExternalPrefix, StringComparison.Ordinal) ? customers.FindAsync(id[ExternalPrefix.Length..]) : customers.FindByIdAsync(id);
    }

    private static async Task<IResult> RespondAsync(HttpContext context, LinkStore links, IReadOnlyList<Customer> found, bool expanded)
        => TypedResults.Json(
            await Task.WhenAll(found.Select(customer => DescribeAsync(context, links, customer, expanded))), ApiJsonContext.Default.CustomerResponseArray);

    private static async Task<CustomerResponse> DescribeAsync(HttpContext context, LinkStore links, Customer customer, bool expanded)
    {
        var link = expanded && customer.LinkId is { } linkId ? await links.FindByIdAsync(linkId) : null;
        return new CustomerResponse(customer)
        {
            Link = link is null ? null : new CustomerLink(link.Id, link.Domain, link.Key, LinkAddress.ShortLink(context.Request, link), link.Url, null),
        };
    }
}
